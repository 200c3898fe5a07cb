/* SPDX-License-Identifier: Apache-2.0 */
/* See embed.h. The build names the files. */
	.section .rodata
	.globl embed_errors, embed_commit
embed_errors:
	.incbin ERRORS_FILE
	.byte 0
embed_commit:
	.incbin COMMIT_FILE
	.byte 0

	.section .note.GNU-stack, "", %progbits
