/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of src/ on a fake library: what each command line asks for, prints and returns. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "cli_fake.h"
#include "guess.h"
#include "signame.h"

static char words_of_run[][4] = {"rt", "run", "web"};
static char out[65536], err[8192], dir[64];
static int status;

static void read_back(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
}

/* Run rt with stdout and stderr in these files, for out and err; they are consumed. */
static void rt_into(int argc, char **argv, int own_out, int own_err)
{
	int saved[2] = {fcntl(1, F_DUPFD_CLOEXEC, 10), fcntl(2, F_DUPFD_CLOEXEC, 10)};
	sigset_t mask;

	fflush(stdout);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	fake_calls[0] = '\0';
	dup2(own_out, 1); /* no O_CLOEXEC: it is stdout */
	dup2(own_err, 2); /* no O_CLOEXEC: it is stderr */
	status = cli_main(argc, argv);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	clearerr(stdout);
	dup2(saved[0], 1); /* no O_CLOEXEC: as above */
	dup2(saved[1], 2); /* no O_CLOEXEC: as above */
	close(saved[0]);
	close(saved[1]);
	read_back(own_out, out, sizeof(out));
	read_back(own_err, err, sizeof(err));
}

static int temporary_file(void)
{
	return open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* Run one command line, whose words are divided by single blanks. */
static void rt_to(int own_out, const char *line)
{
	char words[1024], *argv[64] = {words}, *next = *line ? words + 3 : NULL;
	int argc = 1;

	strcpy(words, "rt");
	snprintf(words + 3, sizeof(words) - 3, "%s", line);
	while (next && argc < 63)
		argv[argc++] = strsep(&next, " ");
	rt_into(argc, argv, own_out, temporary_file());
}

static void rt(const char *line)
{
	rt_to(temporary_file(), line);
}

static void set_up(void)
{
	fake_reset();
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	unsetenv("NOTIFY_SOCKET");
	snprintf(dir, sizeof(dir), "/tmp/rt-unit-cli.XXXXXX");
	cr_assert(mkdtemp(dir) && chdir(dir) == 0);
}

static void tear_down(void)
{
	char command[128];

	cr_assert(chdir("/") == 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	cr_assert(system(command) == 0);
}

#define IN_DIR .init = set_up, .fini = tear_down

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	cr_assert(fd >= 0);
	close(fd);
}

static const char *read_text(const char *path)
{
	static char text[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? "(no file)" : text;
}

/* Command lines that are understood, and what the library is asked for. */
Test(cli, calls, IN_DIR)
{
	static const struct {
		const char *line, *calls;
	} cases[] = {
		{"create web", "create web; "},
		{"create --pidfd-socket s web", "create web pidfd-socket=s; "},
		{"exec --pidfd-socket s -d web id", "exec web arg=id pidfd-socket=s detach=1; "},
		{"create --bundle /b --pid-file p --console-socket s --no-pivot --no-new-keyring "
		 "--preserve-fds 3 web",
		 "create web bundle=/b console-socket=s pid-file=p no-pivot=1 no-new-keyring=1 fds=3; "},
		/* runc's grammar */
		{"create -bundle /b -no-pivot web", "create web bundle=/b no-pivot=1; "},
		{"create -b=/b -f=c web", "create web bundle=/b config=c; "},
		{"create web -b /b", "create web bundle=/b; "},
		{"create --no-pivot=false --bundle=/a --bundle=/b web", "create web bundle=/b; "},
		{"create --no-pivot=T web", "create web no-pivot=1; "},
		{"create --detach web", "create web detach=1; "},
		{"create -- --web", "create --web; "},
		{"create -", "create -; "},
		{"checkpoint --image-path /i --work-path /w web",
		 "checkpoint web image-path=/i work-path=/w; "},
		{"checkpoint --pre-dump --parent-path ../1 --leave-running --tcp-established "
		 "--tcp-skip-in-flight --tcp-close --ext-unix-sk --shell-job --file-locks "
		 "--link-remap --auto-dedup --lazy-pages --page-server h:1 --empty-ns network "
		 "--manage-cgroups-mode=full --network-lock=nftables web",
		 "checkpoint web parent-path=../1 pre-dump=1 leave-running=1 tcp-established=1 "
		 "tcp-skip-in-flight=1 tcp-close=1 ext-unix-sk=1 shell-job=1 file-locks=1 "
		 "link-remap=1 auto-dedup=1 lazy-pages=1 empty-network=1 page-server=h:1 "
		 "cgroups=full network-lock=nftables; "},
		/* as go-runc says it */
		{"restore --image-path /i --work-path /w --tcp-established --detach --pid-file /p "
		 "--no-pivot -no-subreaper --bundle /b web",
		 "restore web bundle=/b pid-file=/p no-pivot=1 detach=1 image-path=/i "
		 "work-path=/w tcp-established=1; "},
		{"restore -d --lsm-profile=selinux:l --lsm-mount-context=m --preserve-fds 1 web",
		 "restore web detach=1 lsm-profile=selinux:l lsm-mount-context=m; "},
		{"--root /r --debug --rootless=true --criu x start web", "root /r; criu x; start web; "},
		/* the cgroup manager is asked for by those who make something */
		{"--systemd-cgroup create web", "cgroup-manager 1; create web; "},
		{"--cgroup-manager=disabled run -d web", "cgroup-manager 2; run web detach=1; "},
		{"--cgroup-manager cgroupfs exec web id",
		 "cgroup-manager 0; exec web arg=id; supervise; "},
		{"--systemd-cgroup kill web", "kill web 15; "},
		{"--systemd-cgroup delete web --force", "delete web flags=1; "},
		{"--systemd-cgroup state web", "state web; "},
		{"--systemd-cgroup list", "list; "},
		{"--systemd-cgroup start web", "start web; "},
		/* run */
		{"run -d web", "run web detach=1; "},
		{"run web", "run web; supervise flags=1; delete web flags=1; "},
		{"run --keep --no-subreaper web", "run web; supervise; "},
		/* exec: its options end where the program begins */
		{"exec web sh -c true --tty",
		 "exec web arg=sh arg=-c arg=true arg=--tty; supervise; "},
		{"exec -t web sh", "exec web arg=sh tty=1; supervise; "},
		{"exec web -t sh -t", "exec web arg=sh arg=-t tty=1; supervise; "},
		{"exec web -- -t", "exec web arg=-t; supervise; "},
		{"exec -d --process p.json web", "exec web process=p.json detach=1; "},
		{"exec -d -u 1:2 -g 3 -g 4,5 -e A=b -e C=d,e -c CAP_KILL -c CAP_CHOWN --cwd /w "
		 "--no-new-privs --console-socket s --pid-file p --preserve-fds=1 --ignore-paused "
		 "--cgroup sub --apparmor p --process-label l web id",
		 "exec web arg=id env=A=b env=C=d,e cap=CAP_KILL cap=CAP_CHOWN cwd=/w user=1:2 "
		 "gids=3,4,5 no-new-privs=1 console-socket=s pid-file=p fds=1 ignore-paused=1 detach=1 "
		 "cgroup=sub apparmor=p label=l; "},
		{"kill web", "kill web 15; "},
		{"kill --all web SIGKILL", "kill web 9 flags=1; "},
		{"kill web rtmin+3", "kill web 37; "},
		{"kill web 0", "kill web 0; "},
		{"create --no-subreaper web", "create web; "},
		{"delete web", "delete web; "},
		{"spec --rootless", "spec flags=1; "},
		{"features", "features; "},
		{"pause web", "pause web; "},
		{"resume web", "resume web; "},
		{"ps --format json web", "ps web; "},
		{"update --memory 64M --cpu-quota=-1 --cpu-period 5000 --cpuset-cpus 0-3,7 web",
		 "update web {\"memory\":{\"limit\":67108864},\"cpu\":{\"quota\":-1,\"period\":5000,"
		 "\"cpus\":\"0-3,7\"}}; "},
		{"update --pids-limit 5 --memory-swap max --memory 1.5kib web",
		 "update web {\"memory\":{\"limit\":1536,\"swap\":-1},\"pids\":{\"limit\":5}}; "},
		{"explain update web --blkio-weight 10 --format json",
		 "explain_update web {\"blockIO\":{\"weight\":10}} flags=1; "},
		{"stats --no-stream --format json web", "stats web; "},
		{"events web", "events web 5000; "},
		{"events --interval 1m1.5s web", "events web 61500; "},
		{"events --interval=2 web", "events web 2000; "},
		{"events --stats web", "stats web; "},
		{"features --host", "features flags=1; "},
		{"check good", "check bundle=good; "},
		{"check --config c -b good", "check bundle=good config=c; "},
		{"explain dir --no-pivot", "explain bundle=dir no-pivot=1; "},
		{"explain --format=json", "explain flags=1; "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rt(cases[i].line);
		cr_expect_str_eq(fake_calls, cases[i].calls, "rt %s: %s", cases[i].line,
				 fake_calls);
		cr_expect_eq(status, 0, "rt %s: %d", cases[i].line, status);
		cr_expect_str_eq(err, "", "rt %s: %s", cases[i].line, err);
	}
}

/* Command lines that are refused before the library is asked for anything. */
Test(cli, refusals, IN_DIR)
{
	static const struct {
		const char *line, *err;
	} cases[] = {
		{"", "no command was given (see `rt --help`)\n"},
		{"checkpoint --status-fd 700 web",
		 "invalid status-fd \"700\": no such descriptor is open "
		 "(see `rt checkpoint --help`)\n"},
		{"checkpoint --empty-ns pid web", "invalid empty-ns \"pid\": one of network is wanted "
						  "(see `rt checkpoint --help`)\n"},
		{"restore --lsm-mount-context",
		 "flag needs an argument: --lsm-mount-context (see `rt restore --help`)\n"},
		{"strat web",
		 "unknown command \"strat\" (did you mean \"start\"? see `rt --help`)\n"},
		{"frobnicate", "unknown command \"frobnicate\" (see `rt --help`)\n"},
		{"--bogus run web", "unknown option \"--bogus\" (see `rt --help`)\n"},
		{"--rot /x list",
		 "unknown option \"--rot\" (did you mean \"--root\"? see `rt --help`)\n"},
		{"run --detatch web", "unknown option \"--detatch\" of \"run\" "
				      "(did you mean \"--detach\"? see `rt run --help`)\n"},
		{"run --det=1 web", "unknown option \"--det\" of \"run\" "
				    "(did you mean \"--detach\"? see `rt run --help`)\n"},
		{"run web --root /r",
		 "unknown option \"--root\" of \"run\" "
		 "(put it before \"run\", it is for all commands; see `rt run --help`)\n"},
		{"run -x web", "unknown option \"-x\" of \"run\" (see `rt run --help`)\n"},
		{"create --bundle", "flag needs an argument: --bundle (see `rt create --help`)\n"},
		{"create web -b", "flag needs an argument: --bundle (see `rt create --help`)\n"},
		{"create --bundle= web", "--bundle requires an argument that is not empty "
					 "(see `rt create --help`)\n"},
		{"create --no-pivot=maybe web",
		 "invalid no-pivot \"maybe\": true or false is wanted "
		 "(see `rt create --help`)\n"},
		{"create --preserve-fds=3x web", "invalid preserve-fds \"3x\": a number is wanted "
						 "(see `rt create --help`)\n"},
		{"create --preserve-fds=-1 web", "invalid preserve-fds \"-1\": a number is wanted "
						 "(see `rt create --help`)\n"},
		{"create --preserve-fds=99999999999 web",
		 "invalid preserve-fds \"99999999999\": a number is wanted (see `rt create --help`)\n"},
		{"create --preserve-fds=2000000 web",
		 "invalid preserve-fds \"2000000\": at most 1048576 "
		 "is possible (see `rt create --help`)\n"},
		{"list --format xml", "invalid format \"xml\": one of table|json is wanted "
				      "(see `rt list --help`)\n"},
		{"list --format=tab", "invalid format \"tab\": one of table|json is wanted "
				      "(see `rt list --help`)\n"},
		{"--log-format=xml list", "invalid log-format \"xml\": one of text|json is wanted "
					  "(see `rt --help`)\n"},
		{"state", "\"state\" requires exactly 1 argument(s) (CONTAINER), 0 given "
			  "(see `rt state --help`)\n"},
		{"state a b", "\"state\" requires exactly 1 argument(s) (CONTAINER), 2 given "
			      "(see `rt state --help`)\n"},
		{"kill", "\"kill\" requires at least 1 argument(s) (CONTAINER [SIGNAL]), 0 given "
			 "(see `rt kill --help`)\n"},
		{"kill a b c",
		 "\"kill\" requires at most 2 argument(s) (CONTAINER [SIGNAL]), 3 given "
		 "(see `rt kill --help`)\n"},
		{"list a", "\"list\" requires no argument, 1 given (see `rt list --help`)\n"},
		{"exec web", "\"exec\" requires a command as argument, or --process "
			     "(see `rt exec --help`)\n"},
		{"exec -p f web id",
		 "\"exec --process\" requires exactly 1 argument, the container: "
		 "the command is in \"f\" (see `rt exec --help`)\n"},
		{"exec -e A=b -p f web",
		 "--process excludes --user, --additional-gids, --env, --cap, "
		 "--cwd, --no-new-privs, --apparmor and --process-label: say it in \"f\" "
		 "(see `rt exec --help`)\n"},
		{"kill web FOO", "unknown signal \"FOO\" (see `rt kill --help`)\n"},
		{"kill web 65", "unknown signal \"65\" (see `rt kill --help`)\n"},
		{"run -d ./web",
		 "\"run --detach\" requires an id as argument, and --bundle \"./web\": "
		 "nobody would know an id made up (see `rt run --help`)\n"},
		{"check -b a b", "\"b\" and --bundle both name a bundle, one is wanted "
				 "(see `rt check --help`)\n"},
		{"explain E_CONFG", "unknown error code \"E_CONFG\", did you mean \"E_CONFIG\"? "
				    "(see `rt explain --help`)\n"},
		{"completion csh", "unknown shell \"csh\": one of bash, zsh, fish is wanted "
				   "(see `rt completion --help`)\n"},
		{"help frob", "unknown command \"frob\" (see `rt help --help`)\n"},
		{"--log file:/nope/log list", "--log: open \"file:/nope/log\": no such file or directory\n"},
		{"--log /nope/log list", "--log: open \"/nope/log\": no such file or directory\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rt(cases[i].line);
		cr_expect_str_eq(err, cases[i].err, "rt %s: %s", cases[i].line, err);
		cr_expect_eq(status, 1, "rt %s: %d", cases[i].line, status);
		cr_expect_str_eq(out, "", "rt %s: %s", cases[i].line, out);
		cr_expect_str_eq(fake_calls, "", "rt %s: %s", cases[i].line, fake_calls);
	}
}

/* The log is there whatever fails, and podman can read all of it as one JSON object. */
Test(cli, log_is_one_object, IN_DIR)
{
	static const char *const lines[] = {
		"strat web", "run",          "run --frob web", "run --bundle",
		"state a b", "kill web FOO", "kill web",
	};
	char line[128];

	fake_failure = (struct fake_failure){"kill", "E_NOT_FOUND",
					     "container does not exist: \"a\"\n\033[1m\xff",
					     .no = ENOENT};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		unlink("log");
		snprintf(line, sizeof(line), "--log log --log-format json %s", lines[i]);
		rt(line);
		cr_expect_eq(status, 1);
		snprintf(line, sizeof(line),
			 "jq -se 'length == 1 and .[0].level == \"error\" and "
			 "(.[0].msg | length > 8) and (.[0].time | test(\"Z$\"))' log >/dev/null");
		cr_expect_eq(system(line), 0, "%s: %s", lines[i], read_text("log"));
	}
	cr_expect_not_null(strstr(read_text("log"),
				  "{\"level\":\"error\",\"msg\":\"container does not "
				  "exist: \\\"a\\\"\\n\\u001b[1m\xef\xbf\xbd\",\"time\":\"20"),
			   "%s", read_text("log"));
	cr_expect_not_null(strstr(read_text("log"), "\",\"code\":\"E_NOT_FOUND\",\"errno\":2}\n"));
	cr_expect_str_eq(err, "container does not exist: \"a\"\\n\\x1b[1m\\xff\n");

	/* A log that comes after the mistake is used too. */
	unlink("log");
	rt("--frob --log log list");
	cr_expect_not_null(
		strstr(read_text("log"), "level=error msg=\"unknown option \\\"--frob\\\"\""));
	/* It is appended to. */
	rt("--log log state");
	cr_expect_not_null(strstr(read_text("log"), "--frob"));
	cr_expect_not_null(strstr(read_text("log"), "requires exactly 1"));
	/* Success leaves it empty. */
	unlink("log");
	rt("--log file:log state web");
	cr_expect_str_eq(read_text("log"), "");
}

Test(cli, library_errors, IN_DIR)
{
	fake_failure = (struct fake_failure){
		"create",           "E_MOUNT",      "mounts[1].source: open \"/x\"",
		"mounts[1].source", "is it there?", ENOENT};
	rt("--log log --log-format json create web");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(err, "mounts[1].source: open \"/x\" (is it there?)\n");
	cr_expect_not_null(strstr(read_text("log"), "\"errno\":2,\"field\":\"mounts[1].source\","
						    "\"hint\":\"is it there?\"}\n"));
	/* exec that does not come to start the program */
	fake_failure = (struct fake_failure){"exec", "E_NOT_FOUND", "no", .no = ENOENT};
	rt("exec web id");
	cr_expect_eq(status, 255);
	rt("exec -d web id");
	cr_expect_eq(status, 255);
	rt("exec");
	cr_expect_eq(status, 1);
}

/* Warnings are told when asked for, and go to the log if there is one. */
Test(cli, warnings, IN_DIR)
{
	rt("run -d web");
	cr_expect_str_eq(err, "");
	rt("--log-level warning run -d web");
	cr_expect_str_eq(err, "a warning\n");
	rt("--debug --log log run -d web");
	cr_expect_str_eq(err, "");
	cr_expect_not_null(strstr(read_text("log"), " level=warning msg=\"a warning\"\n"));
}

Test(cli, timings, IN_DIR)
{
	rt("run -d web");
	cr_expect_str_eq(err, "");
	rt("run -d --timings web");
	cr_expect_not_null(strstr(err, "   at us  took us  by       stage    step\n"
				       "      70     1234  rt-init  rootfs   mount_fs  "
				       "mount \"proc\" on \"/p\\x1broc\"  # mounts[0]\n"
				       "\nstage    steps  took us\nrootfs       1     1234\n"),
			   "%s", err);
	/* In the foreground the program and its deletion are part of it. */
	rt("run --timings web");
	cr_expect_not_null(strstr(err, "  program\n"), "%s", err);
	cr_expect_not_null(strstr(err, "  delete\n"), "%s", err);

	rt("--debug --log log --log-format json run -d web");
	cr_expect_str_eq(err, "");
	cr_expect_eq(system("jq -se '.[1] | .level == \"debug\" and .stage == \"rootfs\" and "
			    ".step == \"mount_fs\" and .by == \"rt-init\" and .usec == 1234 and "
			    ".at_usec == 70 and .field == \"mounts[0]\"' log >/dev/null"),
		     0, "%s", read_text("log"));
	unlink("log");
	rt("--log-level warning --log log run -d --timings web");
	cr_expect_not_null(strstr(err, "mount_fs"));
	cr_expect_null(strstr(read_text("log"), "mount_fs"));
}

Test(cli, program_status, IN_DIR)
{
	fake_wait_status = 7 << 8;
	rt("run web");
	cr_expect_eq(status, 7);
	rt("exec web id");
	cr_expect_eq(status, 7);
	rt("run -d web");
	cr_expect_eq(status, 0);
	fake_wait_status = 9;
	rt("run web");
	cr_expect_eq(status, 137);
	rt("exec web id");
	cr_expect_eq(status, 137);

	/* The container goes, and one error is told, whatever comes after its start. */
	fake_wait_status = 0;
	fake_failure = (struct fake_failure){"supervise", "E_SYSTEM", "no wait", .no = EIO};
	rt("run web");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(err, "no wait\n");
	cr_expect_str_eq(fake_calls, "run web; supervise flags=1; delete web flags=1; ");
	fake_failure = (struct fake_failure){"delete", "E_BUSY", "no delete", .no = EBUSY};
	rt("run web");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(err, "no delete\n");
	fake_wait_status = 7 << 8;
	rt("run web");
	cr_expect_eq(status, 7);
}

/* A caller that went away is no reason to leave the container behind. */
Test(cli, nobody_reads_stderr, IN_DIR)
{
	char *argv[] = {words_of_run[0], words_of_run[1], words_of_run[2], NULL};
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	fake_failure = (struct fake_failure){"supervise", "E_SYSTEM", "no wait", .no = EIO};
	rt_into(3, argv, temporary_file(), ends[1]);
	cr_expect_eq(status, 1);
	cr_expect_not_null(strstr(fake_calls, "delete web"));
}

/* rt run DIR */
Test(cli, run_a_bundle, IN_DIR)
{
	char id[64], expected[256];

	mkdir("my bundle", 0700);
	cr_assert(rename("my bundle", ".my b;undle") == 0);
	cr_assert(symlink(".my b;undle", "web") == 0);
	rt("run web");
	cr_expect_str_eq(fake_calls, "run web; supervise flags=1; delete web flags=1; ");

	make_file("web/config.json");
	rt("run web");
	cr_assert_eq(sscanf(fake_calls, "run %63s", id), 1);
	cr_expect_eq(strncmp(id, "mybundle-", 9), 0, "%s", id);
	cr_expect_eq(strlen(id), 13);
	snprintf(expected, sizeof(expected),
		 "run %s bundle=web; supervise flags=1; delete %s flags=1; ", id, id);
	cr_expect_str_eq(fake_calls, expected);
	rt("run --keep -f other.json ./web/");
	cr_expect_not_null(strstr(fake_calls, " bundle=./web/ config=other.json; supervise"));
	rt("run -b x web");
	cr_expect_eq(strncmp(fake_calls, "run web bundle=x; ", 18), 0);
	/* no directory of this name, yet no id either */
	rt("run ./nope");
	cr_expect_eq(strncmp(fake_calls, "run rt-", 7), 0, "%s", fake_calls);

	/* Two tries when the id is taken, and an end. */
	fake_failure = (struct fake_failure){"run", "E_EXISTS", "taken", .no = EEXIST, .times = 1};
	rt("run web");
	cr_expect_eq(status, 0);
	fake_failure = (struct fake_failure){"run", "E_EXISTS", "taken", .no = EEXIST};
	rt("run web");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(err, "taken\n");
	fake_failure = (struct fake_failure){"run", "E_MOUNT", "no", .no = EEXIST};
	rt("run web");
	cr_expect_null(strstr(fake_calls, "; run"));

	/* In a bundle a name is an id, as for runc. */
	fake_reset();
	make_file("config.json");
	rt("run web");
	cr_expect_eq(strncmp(fake_calls, "run web; ", 9), 0);
}

Test(cli, socket_activation, IN_DIR)
{
	char pid[16];

	setenv("LISTEN_FDS", "2", 1);
	rt("create web");
	cr_expect_str_eq(fake_calls, "create web fds=2 listen-fds=2; ");
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	rt("create --preserve-fds 3 web");
	cr_expect_str_eq(fake_calls, "create web fds=5 listen-fds=2; ");
	setenv("LISTEN_PID", "1", 1);
	rt("create web");
	cr_expect_str_eq(fake_calls, "create web; ");
	unsetenv("LISTEN_PID");
	setenv("LISTEN_FDNAMES", "a:b", 1);
	rt("create web");
	cr_expect_str_eq(fake_calls, "create web fds=2 listen-fds=2 listen-names=a:b; ");
	rt("exec web id");
	cr_expect_not_null(strstr(fake_calls, "listen-names=a:b"));
	setenv("LISTEN_FDS", "-2", 1);
	rt("exec web id");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(fake_calls, "");
}

Test(cli, notify_socket, IN_DIR)
{
	setenv("NOTIFY_SOCKET", "/run/n", 1);
	rt("create web");
	cr_expect_str_eq(fake_calls, "notify-socket /run/n; create web; ");
	rt("start web");
	cr_expect_str_eq(fake_calls, "notify-socket /run/n; start web; ");
	rt("exec web id");
	cr_expect_null(strstr(fake_calls, "notify-socket"));
}

Test(cli, documents, IN_DIR)
{
	rt("state web");
	cr_expect_str_eq(out, "{\"id\":\"web\"}\n");
	rt("list");
	cr_expect_str_eq(
		out,
		"ID                 PID    STATUS    BUNDLE   CREATED                    OWNER\n"
		"a-rather-long-id   4711   running   /srv/a   2026-01-02T03:04:05.678Z   root\n"
		"b                  0      unknown   -        -                          -\n");
	rt("list -q");
	cr_expect_str_eq(out, "a-rather-long-id\nb\n");
	rt("list -f json");
	cr_expect_str_eq(out, "[{\"id\":\"a-rather-long-id\"},{\"id\":\"b\",\"status\":\"unknown\","
			      "\"pid\":0,\"error\":\"state.json: \\\"x\\\"\"}]\n");
	rt("check b/");
	cr_expect_str_eq(out, "b/config.json:41:17: error: process.cwd: expected a string\n"
			      "b/config.json: warning: unknown key \"hostnam\" (did you mean "
			      "\"hostname\"?)\n");
	cr_expect_str_eq(err, "1 error in the configuration\n");
	cr_expect_eq(status, 1);
	rt("check --format json");
	cr_expect_str_eq(
		out, "{\"problems\":[\n"
		     "{\"severity\":\"error\",\"line\":41,\"column\":17,\"field\":\"process.cwd\","
		     "\"message\":\"expected a string\",\"code\":\"E_CONFIG\"},\n"
		     "{\"severity\":\"warning\",\"line\":0,\"column\":0,\"field\":\"\","
		     "\"message\":\"unknown key \\\"hostnam\\\"\",\"suggestion\":\"did you mean "
		     "\\\"hostname\\\"?\",\"code\":\"E_CONFIG\"}],\"errors\":1,\"warnings\":1}\n");
	rt("explain b");
	cr_expect_str_eq(out, "the plan\n");
	rt("--version");
	cr_expect_eq(strncmp(out, "rt version 1.2.3\ncommit: ", 25), 0, "%s", out);
	cr_expect_not_null(strstr(out, "\nspec: 1.3.0\n"));

	fake_failure = (struct fake_failure){"list", "E_STATE", "no", .no = EIO};
	rt("list");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(out, "");
}

Test(cli, spec, IN_DIR)
{
	rt("spec");
	cr_expect_eq(status, 0);
	cr_expect_str_eq(read_text("config.json"), "{}\n");
	rt("spec");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(err, "\"./config.json\" is not overwritten: file exists\n");
	rt("spec -b nope");
	cr_expect_str_eq(err, "make \"nope/config.json\": no such file or directory\n");
	rt("spec --file new");
	cr_expect_eq(status, 0);
	rt("spec -f new");
	cr_expect_eq(status, 0);
	cr_expect_str_eq(read_text("new"), "{}\n");
	rt("spec -f new -b .");
	cr_expect_str_eq(err, "--bundle and --file both say where, one is wanted "
			      "(see `rt spec --help`)\n");
	fake_failure = (struct fake_failure){"spec", "E_NOMEM", "no", .no = ENOMEM};
	mkdir("b", 0700);
	rt("spec --bundle b");
	cr_expect_eq(status, 1);
	cr_expect_str_eq(read_text("b/config.json"), "(no file)");
}

/* A full disk under stdout is an error. */
Test(cli, lost_output, IN_DIR)
{
	rt_to(open("/dev/full", O_WRONLY | O_CLOEXEC), "--log log state web");
	cr_expect_eq(status, 1);
	cr_expect_not_null(strstr(read_text("log"), "write to standard output: no space left"));
}

/* Every command has a page, and each listed option stands in it; and every error code has one. */
Test(cli, help, IN_DIR)
{
	char line[64];

	for (int id = 0; id < CMD_MAX; id++) {
		snprintf(line, sizeof(line), "%.11s --help", opt_commands[id].name);
		rt(line);
		cr_expect_eq(status, 0);
		cr_expect_str_eq(err, "");
		snprintf(line, sizeof(line), "rt %.11s: ", opt_commands[id].name);
		cr_expect_eq(strncmp(out, line, strlen(line)), 0);
		for (const struct opt *o = opt_table; *o->name; o++) {
			bool listed = o->takers & OPT_OF(id) && o->kind != OPT_LATER;

			snprintf(line, sizeof(line), "--%s%s%s\n", o->name, *o->arg ? " " : "",
				 o->arg);
			line[strlen(line) - 1] = '\0';
			cr_expect(!listed || strstr(out, line), "%s: %s", opt_commands[id].name,
				  line);
		}
	}
	rt("help");
	cr_expect_eq(status, 0);
	cr_expect_not_null(strstr(out, "\n  create  "));
	cr_expect_not_null(strstr(out, "--root DIR"));
	rt("--help");
	cr_expect_not_null(strstr(out, "\ncommands:\n"));
	rt("help run");
	cr_expect_eq(strncmp(out, "rt run: ", 8), 0);
	/* engines probe an option so, with arguments missing or wrong */
	rt("run --help");
	cr_expect_eq(status, 0);
	rt("run -h --frob a b c");
	cr_expect_eq(status, 0);
	rt("explain E_CONFIG");
	cr_expect_eq(strncmp(out, "E_CONFIG\n\n", 10), 0, "%s", out);
	cr_expect_null(strstr(out, "##"));
	rt("explain E_CRIU"); /* the last */
	cr_expect_eq(strncmp(out, "E_CRIU\n\n", 8), 0, "%s", out);
	rt("explain --format json E_STATE");
	cr_expect_eq(strncmp(out, "{\"code\":\"E_STATE\",\"text\":\"E_STATE\\n\\n", 35), 0, "%s",
		     out);
}

/* The tables are fit for what is made of them. */
Test(cli, tables)
{
	for (const struct opt *o = opt_table; *o->name; o++) {
		cr_expect(o->takers != 0, "%s", o->name);
		cr_expect(o->kind != OPT_LATER || !*o->help, "%s", o->name);
		/* the compiler lets a text in that leaves no room for its end */
		cr_expect(memchr(o->name, 0, sizeof(o->name)) &&
				  memchr(o->arg, 0, sizeof(o->arg)) &&
				  memchr(o->help, 0, sizeof(o->help)),
			  "%.20s", o->name);
		cr_expect((o->kind == OPT_SWITCH) == !*o->arg, "%s", o->name);
		/* completion quotes it for three shells */
		cr_expect(!strpbrk(o->help, "'\"[]\\$`"), "%s", o->name);
		/* nothing is ambiguous */
		for (const struct opt *other = o + 1; *other->name; other++) {
			if (!(o->takers & other->takers))
				continue;
			cr_expect(strcmp(o->name, other->name) != 0, "%s", o->name);
			cr_expect(!o->letter || o->letter != other->letter, "%s %s", o->name,
				  other->name);
		}
	}
	for (int id = 0; id < CMD_MAX; id++) {
		cr_expect_null(strpbrk(opt_commands[id].summary, "'\"[]:\\$`"));
		cr_expect_eq(opt_find_command(opt_commands[id].name), (enum command_id)id);
	}
}

Test(cli, signals)
{
	static const struct {
		const char *text;
		int number;
	} cases[] = {
		{"0", 0},         {"9", 9},
		{"64", 64},       {"65", -1},
		{"-1", -1},       {"", -1},
		{"9x", -1},       {"4294967305", -1},
		{"KILL", 9},      {"SIGKILL", 9},
		{"sigkill", 9},   {"Kill", 9},
		{"SIG", -1},      {"SIGSIGKILL", -1},
		{"CLD", 17},      {"SIGPOLL", 29},
		{"RTMIN", 34},    {"SIGRTMIN+3", 37},
		{"rtmin+30", 64}, {"RTMIN+31", -1},
		{"RTMAX", 64},    {"SIGRTMAX-14", 50},
		{"RTMAX-30", 34}, {"RTMAX-31", -1},
		{"RTMIN+", -1},   {"RTMIN-1", -1},
		{"RTMAX+1", -1},  {"RTMINX", -1},
		{"SIG9", -1},     {"RTMIN+ 1", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(signal_from_text(cases[i].text), cases[i].number, "%s: %d",
			     cases[i].text, signal_from_text(cases[i].text));
}

Test(cli, guesses)
{
	static const struct {
		const char *word, *best;
	} cases[] = {
		{"strat", "start"},
		{"stat", "start"},
		{"delte", "delete"},
		{"k", NULL},
		{"xyzzy", NULL},
		{"exe", "exec"},
		{"com", "completion"},
		{"lsit", "list"},
		{"a-word-that-is-longer-than-all-names-we-have", NULL},
	};
	static const char *const names[] = {"start", "state", "delete",    "kill",
					    "exec",  "list",  "completion"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guess g = GUESS_INIT(cases[i].word, strlen(cases[i].word));

		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++)
			guess_offer(&g, names[j]);
		cr_expect((!g.best && !cases[i].best) ||
				  (g.best && cases[i].best && strcmp(g.best, cases[i].best) == 0),
			  "%s: %s", cases[i].word, g.best ? g.best : "nothing");
	}
}
