/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why execve refuses a file. The kernel has one errno for many causes ("no such file or directory"
 * for a script whose interpreter is missing); here they are told apart. This may run behind a
 * seccomp filter, so formats are looked at with openat and read alone, which every program needs.
 */
#include "init/init.h"

#include <linux/elf.h>

#define INTERPRETERS_MAX 4 /* a script's interpreter may be a script, as the kernel allows */
#define SCRIPT_LINE 256    /* what the kernel reads of the first line */

#if defined(__x86_64__)
#define NATIVE_MACHINE EM_X86_64
#elif defined(__i386__)
#define NATIVE_MACHINE EM_386
#elif defined(__aarch64__)
#define NATIVE_MACHINE EM_AARCH64
#elif defined(__arm__)
#define NATIVE_MACHINE EM_ARM
#elif defined(__riscv)
#define NATIVE_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define NATIVE_MACHINE EM_PPC64
#elif defined(__s390x__)
#define NATIVE_MACHINE EM_S390
#endif

static int probe_file(struct init *in, const char *path, int no, int depth);

static bool is_missing(const char *path)
{
	int fd = sys_openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);

	if (fd >= 0)
		sys_close(fd);
	return fd == -ENOENT || fd == -ENOTDIR;
}

/* The interpreter is missing, or cannot be run itself. */
static int probe_interpreter(struct init *in, const char *path, int no, int depth)
{
	size_t len = strlen(path);

	if (!is_missing(path))
		return probe_file(in, path, no, depth + 1);
	if (len && path[len - 1] == '\r')
		return init_fail(in, no, RT_WHY_CRLF, path);
	return init_fail(in, no, RT_WHY_INTERPRETER, path);
}

static int probe_script(struct init *in, char *line, size_t len, int no, int depth)
{
	size_t from = 2, to;

	if (len > SCRIPT_LINE)
		len = SCRIPT_LINE;
	while (from < len && (line[from] == ' ' || line[from] == '\t'))
		from++;
	for (to = from; to < len && line[to] != ' ' && line[to] != '\t' && line[to] != '\n'; to++)
		;
	line[to] = '\0'; /* the buffer has room for one more */
	return probe_interpreter(in, line + from, no, depth);
}

/* Both ELF classes have what is read here at places of their own. */
#define PROBE_ELF(bits)                                                                            \
	static const char *elf##bits##_interpreter(char *file, size_t len)                         \
	{                                                                                          \
		const Elf##bits##_Ehdr *head = (const void *)file;                                 \
		const Elf##bits##_Phdr *part;                                                      \
                                                                                                   \
		if (len < sizeof(*head) || head->e_phoff > len ||                                  \
		    head->e_phentsize != sizeof(*part))                                            \
			return NULL;                                                               \
		part = (const void *)(file + head->e_phoff);                                       \
		for (unsigned int i = 0; i < head->e_phnum; i++, part++) {                         \
			if ((size_t)((const char *)(part + 1) - file) > len)                       \
				return NULL;                                                       \
			if (part->p_type != PT_INTERP)                                             \
				continue;                                                          \
			if (part->p_offset > len || part->p_filesz > len - part->p_offset)         \
				return NULL;                                                       \
			return file + part->p_offset;                                              \
		}                                                                                  \
		return NULL;                                                                       \
	}
PROBE_ELF(32)
PROBE_ELF(64)

static int probe_elf(struct init *in, char *file, size_t len, int no, int depth)
{
	const unsigned char *id = (const unsigned char *)file;
	const char *interpreter;
	unsigned int machine;
	char number[16];
	struct text t = TEXT(number);

	if (len < 20)
		return no;
	machine = id[EI_DATA] == ELFDATA2MSB ? (unsigned int)id[18] << 8 | id[19]
					     : (unsigned int)id[19] << 8 | id[18];
	if (no == -ENOEXEC && machine != NATIVE_MACHINE) {
		text_num(&t, machine);
		return init_fail(in, no, RT_WHY_WRONG_ARCH, number);
	}
	interpreter = id[EI_CLASS] == ELFCLASS64 ? elf64_interpreter(file, len)
						 : elf32_interpreter(file, len);
	if (no != -ENOENT || !interpreter)
		return no;
	return probe_interpreter(in, interpreter, no, depth);
}

static int probe_file(struct init *in, const char *path, int no, int depth)
{
	char file[4096 + 1] __attribute__((aligned(8)));
	int fd;
	long n;

	if (depth > INTERPRETERS_MAX)
		return no;
	fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0)
		return no;
	n = sys_read(fd, file, sizeof(file) - 1);
	sys_close(fd);
	if (n < 0)
		return no;
	file[n] = '\0';
	if (n == 0)
		return no == -ENOEXEC ? init_fail(in, no, RT_WHY_EMPTY, NULL) : no;
	if (text_starts(file, "#!"))
		return probe_script(in, file, (size_t)n, no, depth);
	if (text_starts(file, "\177ELF"))
		return probe_elf(in, file, (size_t)n, no, depth);
	return no == -ENOEXEC ? init_fail(in, no, RT_WHY_NO_SHEBANG, NULL) : no;
}

/* "/bin/tool, mode 0644, owner 0", or only the path when there is nothing to see. Returns the mode. */
static uint32_t describe(const char *path, struct text *t)
{
	struct statx st;

	text_add(t, path);
	if (sys_statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &st) < 0)
		return 0;
	text_add(t, ", mode 0");
	text_octal(t, st.stx_mode & 07777);
	text_add(t, ", owner ");
	text_num(t, st.stx_uid);
	return st.stx_mode;
}

static bool is_on_noexec_mount(struct init *in, const char *path)
{
	int fd = init_scratch(in, sys_openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0));
	sys_statfs fs;

	return fd >= 0 && sys_fstatfs(fd, &fs) >= 0 && fs.f_flags & STATFS_NOEXEC;
}

int probe_passed_over(struct init *in, const char *path)
{
	char detail[PATH_SIZE];
	struct text t = TEXT(detail);

	if ((describe(path, &t) & S_IFMT) == S_IFDIR)
		text_add(&t, ", a directory");
	else if (is_on_noexec_mount(in, path))
		text_add(&t, ", on a noexec mount");
	return init_fail(in, -ENOENT, RT_WHY_PASSED_OVER, detail);
}

/* The first directory on the way that may not be searched, if it is one of these. */
static int probe_directories(struct init *in, const char *path, int no)
{
	char dir[PATH_SIZE], detail[PATH_SIZE];
	struct text t = TEXT(detail);
	size_t len = strlen(path);

	for (size_t at = 1; at < len && at < sizeof(dir); at++) {
		if (path[at] != '/')
			continue;
		memcpy(dir, path, at);
		dir[at] = '\0';
		if (sys_faccessat2(AT_FDCWD, dir, EXEC_OK, AT_EACCESS) != -EACCES)
			continue;
		describe(dir, &t);
		return init_fail(in, no, RT_WHY_NO_SEARCH, detail);
	}
	return no;
}

static int probe_refusal(struct init *in, const char *path, int no)
{
	struct statx st;
	char mode[16];
	struct text t = TEXT(mode);

	if (sys_statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE, &st) < 0)
		return probe_directories(in, path, no);
	if ((st.stx_mode & S_IFMT) == S_IFDIR)
		return init_fail(in, no, RT_WHY_IS_DIR, path);
	if (!(st.stx_mode & 0111)) {
		text_add(&t, "0");
		text_octal(&t, st.stx_mode & 07777);
		return init_fail(in, no, RT_WHY_NO_X_BIT, mode);
	}
	return is_on_noexec_mount(in, path) ? init_fail(in, no, RT_WHY_NOEXEC, path) : no;
}

int probe_program(struct init *in, const char *path, int no)
{
	return no == -EACCES ? probe_refusal(in, path, no) : probe_file(in, path, no, 0);
}
