/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between architectures: the entry, which hands the kernel's initial stack (argc,
 * argv, environment) to init_start, and sys_call. Both in assembly as a whole, so that they need
 * nothing of the compiler. sys_call(nr, a, b, c, d, e, f) moves its arguments from where a function
 * has them to where the kernel wants them (syscall(2), "Architecture calling conventions").
 *
 * The unit tests bring a sys_call of their own, and a libc with its entry.
 */
#ifndef RT_INIT_TEST

/* clang-format off */
#define FUNCTION(name, type) ".globl " name "\n.type " name ", " type "function\n" name ":\n"

#if defined(__x86_64__) && !defined(__ILP32__)
__asm__(FUNCTION("_start", "@")
	"	xor	%ebp, %ebp\n"
	"	mov	%rsp, %rdi\n"
	"	and	$-16, %rsp\n"
	"	call	init_start\n"
	"	ud2\n"
	FUNCTION("sys_call", "@")
	"	mov	%rdi, %rax\n"
	"	mov	%rsi, %rdi\n"
	"	mov	%rdx, %rsi\n"
	"	mov	%rcx, %rdx\n"
	"	mov	%r8, %r10\n"
	"	mov	%r9, %r8\n"
	"	mov	8(%rsp), %r9\n"
	"	syscall\n"
	"	ret\n");
#elif defined(__i386__)
__asm__(FUNCTION("_start", "@")
	"	xor	%ebp, %ebp\n"
	"	mov	%esp, %eax\n"
	"	and	$-16, %esp\n"
	"	sub	$12, %esp\n"
	"	push	%eax\n"
	"	call	init_start\n"
	"	ud2\n"
	FUNCTION("sys_call", "@")
	"	push	%ebp\n"
	"	push	%edi\n"
	"	push	%esi\n"
	"	push	%ebx\n"
	"	mov	20(%esp), %eax\n"
	"	mov	24(%esp), %ebx\n"
	"	mov	28(%esp), %ecx\n"
	"	mov	32(%esp), %edx\n"
	"	mov	36(%esp), %esi\n"
	"	mov	40(%esp), %edi\n"
	"	mov	44(%esp), %ebp\n"
	"	int	$0x80\n"
	"	pop	%ebx\n"
	"	pop	%esi\n"
	"	pop	%edi\n"
	"	pop	%ebp\n"
	"	ret\n");
#elif defined(__aarch64__)
__asm__(FUNCTION("_start", "@")
	"	mov	x29, #0\n"
	"	mov	x30, #0\n"
	"	mov	x0, sp\n"
	"	and	sp, x0, #-16\n"
	"	bl	init_start\n"
	"	brk	#1\n"
	FUNCTION("sys_call", "@")
	"	mov	x8, x0\n"
	"	mov	x0, x1\n"
	"	mov	x1, x2\n"
	"	mov	x2, x3\n"
	"	mov	x3, x4\n"
	"	mov	x4, x5\n"
	"	mov	x5, x6\n"
	"	svc	#0\n"
	"	ret\n");
#elif defined(__arm__)
__asm__(".syntax unified\n"
	".arm\n"
	".balign 4\n"
	FUNCTION("_start", "%")
	"	mov	r0, sp\n"
	"	bic	r1, r0, #7\n"
	"	mov	sp, r1\n"
	"	bl	init_start\n"
	"	udf	#0\n"
	FUNCTION("sys_call", "%")
	"	push	{r4, r5, r7, lr}\n"
	"	mov	r7, r0\n"
	"	mov	r0, r1\n"
	"	mov	r1, r2\n"
	"	mov	r2, r3\n"
	"	ldr	r3, [sp, #16]\n"
	"	ldr	r4, [sp, #20]\n"
	"	ldr	r5, [sp, #24]\n"
	"	svc	#0\n"
	"	pop	{r4, r5, r7, pc}\n");
#elif defined(__riscv) && __riscv_xlen == 64
__asm__(FUNCTION("_start", "@")
	".option push\n"
	".option norelax\n" /* gp itself cannot be found relative to gp */
	"	lla	gp, __global_pointer$\n"
	".option pop\n"
	"	mv	a0, sp\n"
	"	andi	sp, sp, -16\n"
	"	call	init_start\n"
	"	unimp\n"
	FUNCTION("sys_call", "@")
	"	mv	a7, a0\n"
	"	mv	a0, a1\n"
	"	mv	a1, a2\n"
	"	mv	a2, a3\n"
	"	mv	a3, a4\n"
	"	mv	a4, a5\n"
	"	mv	a5, a6\n"
	"	ecall\n"
	"	ret\n");
#elif defined(__powerpc64__) && _CALL_ELF == 2
__asm__(FUNCTION("_start", "@")
	"	addis	2, 12, .TOC.-_start@ha\n" /* r12: our address, from the kernel */
	"	addi	2, 2, .TOC.-_start@l\n"
	"	mr	3, 1\n"
	"	clrrdi	1, 1, 4\n"
	"	li	0, 0\n"
	"	stdu	0, -32(1)\n"
	"	bl	init_start\n"
	"	nop\n"
	"	trap\n"
	FUNCTION("sys_call", "@")
	"	mr	0, 3\n"
	"	mr	3, 4\n"
	"	mr	4, 5\n"
	"	mr	5, 6\n"
	"	mr	6, 7\n"
	"	mr	7, 8\n"
	"	mr	8, 9\n"
	"	sc\n"
	"	bnslr\n" /* summary overflow: r3 is a positive errno */
	"	neg	3, 3\n"
	"	blr\n");
#elif defined(__s390x__)
__asm__(FUNCTION("_start", "@")
	"	lgr	%r2, %r15\n"
	"	aghi	%r15, -160\n"
	"	xc	0(8,%r15), 0(%r15)\n"
	"	brasl	%r14, init_start\n"
	"	j	.+2\n" /* an invalid instruction */
	FUNCTION("sys_call", "@")
	"	stmg	%r6, %r7, 48(%r15)\n"
	"	lgr	%r1, %r2\n"
	"	lgr	%r2, %r3\n"
	"	lgr	%r3, %r4\n"
	"	lgr	%r4, %r5\n"
	"	lgr	%r5, %r6\n"
	"	lg	%r6, 160(%r15)\n"
	"	lg	%r7, 168(%r15)\n"
	"	svc	0\n"
	"	lmg	%r6, %r7, 48(%r15)\n"
	"	br	%r14\n");
#else
#error "rt-init has no entry and no system call for this architecture yet: add them here"
#endif
/* clang-format on */

#endif
