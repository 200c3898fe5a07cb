/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the containers of the bench run: /bin/true ends at once, /bin/sleep waits for a signal.
 * Without libc, so that its own start takes next to nothing from the comparison.
 */
#include <sys/syscall.h>

#ifdef __x86_64__
static long call(long number, long a)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(number), "D"(a) : "rcx", "r11", "memory");
	return ret;
}

/* argv is above argc on the stack at entry; called by _start. */
__attribute__((noreturn, used)) void entry(const long *stack);
__attribute__((noreturn, used)) void entry(const long *stack)
{
	const char *name = (const char *)stack[1];

	while (*name)
		name++;
	for (;;)
		name[-1] == 'p' ? call(SYS_pause, 0) : call(SYS_exit_group, 0); /* slee-p */
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n"
	"\tcall entry\n");
#else
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	while (argc > 0 && argv[0][strlen(argv[0]) - 1] == 'p')
		pause();
	return 0;
}
#endif
