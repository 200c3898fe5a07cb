/* SPDX-License-Identifier: Apache-2.0 */
/* See embed.h. The build names the files. */
#ifdef __CET__
#include <cet.h> /* data only, so that the note does not miss in what it is linked into */
#endif
	.section .rodata
	.globl embed_errors, embed_commit
embed_errors:
	.incbin ERRORS_FILE
	.byte 0
embed_commit:
	.incbin COMMIT_FILE
	.byte 0

	.section .note.GNU-stack, "", %progbits
