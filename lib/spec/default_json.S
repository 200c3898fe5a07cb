/* SPDX-License-Identifier: Apache-2.0 */
/* The text of default.json. */
#ifdef __CET__
#include <cet.h> /* data only, so that the note does not miss in what it is linked into */
#endif
	.section .rodata.rt_default_json, "a"
	.globl rt_default_json
	.hidden rt_default_json
	.type rt_default_json, %object
rt_default_json:
	.incbin "spec/default.json"
	.globl rt_default_json_end
	.hidden rt_default_json_end
	.type rt_default_json_end, %object
rt_default_json_end:
	.size rt_default_json, . - rt_default_json
	.byte 0
	.section .note.GNU-stack, "", %progbits
