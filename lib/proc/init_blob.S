/* SPDX-License-Identifier: Apache-2.0 */
/* The stripped rt-init, read from the build directory (lib/init/local.mk makes it). */
#ifdef __CET__
#include <cet.h> /* data only, so that the note does not miss in what it is linked into */
#endif
	.section .rodata.rt_init_blob, "a"
	.balign 64
	.globl rt_init_blob
	.hidden rt_init_blob
	.type rt_init_blob, %object
rt_init_blob:
	.incbin "lib/init/rt-init.stripped"
	.globl rt_init_blob_end
	.hidden rt_init_blob_end
	.type rt_init_blob_end, %object
rt_init_blob_end:
	.size rt_init_blob, . - rt_init_blob
	.byte 0
	.section .note.GNU-stack, "", %progbits
