/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "spec/caps.h"
#include "spec/check.h"
#include "spec/default.h"
#include "spec/sysctl.h"
#include "spec_text.h"

/* A complete configuration with something put into its parts. */
#define TOP_(top, process, linux_)                                                                 \
	"{'ociVersion':'1.3.0','root':{'path':'rootfs'}" top                                       \
	",'process':{'cwd':'/','args':['sh']" process "},'linux':{" linux_ "}}"
#define TOP(s) TOP_("," s, "", "'namespaces':[{'type':'mount'},{'type':'uts'}]")
#define PROCESS(s) TOP_("", "," s, "")
#define LINUX(s) TOP_("", "", s)
#define MOUNT(s) TOP("'mounts':[{" s "}]")
#define NS(type, s) LINUX("'namespaces':[{'type':'" type "'}]," s)
#define RESOURCES(s) LINUX("'resources':{" s "}")
#define SECCOMP(s) LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ALLOW'," s "}")
#define RULE(s) SECCOMP("'syscalls':[{'names':['read']," s "}]")
#define LISTENED(s)                                                                                \
	LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','listenerPath':'/s','syscalls':["       \
	      "{'names':['mount'],'action':'SCMP_ACT_NOTIFY'}," s "]}")
#define MAPS(s) "'uidMappings':[" s "],'gidMappings':[{'containerID':0,'hostID':0,'size':1}]"
#define MAP(c, h, n) "{'containerID':" #c ",'hostID':" #h ",'size':" #n "}"
#define CAPS(s) PROCESS("'capabilities':{" s "}")

/*
 * One configuration, the one problem that it has (NULL: none) and its field. E is an error, W a
 * warning, U an error because this version does not do it.
 */
static const struct {
	const char *text;
	char kind;
	const char *field, *message;
} cases[] = {
	/* ---- top ---- */
	{"{'ociVersion':'1.0.2','root':{'path':'/r'},'process':{'cwd':'/','args':['a']}}", 0, 0, 0},
	{"{'ociVersion':'1.0.2','root':{'path':'/r'}}", 'W', "process",
	 "missing: the container can be created, but not started"},
	{"{'ociVersion':'1.0.2','process':{'cwd':'/','args':['a']}}", 'E', "root",
	 "required on Linux, but missing"},
	{"{'ociVersion':'1.0.2','root':{'path':''},'process':{'cwd':'/','args':['a']}}", 'E',
	 "root.path", "must not be empty"},
	{TOP("'hostname':'h','domainname':'d'"), 0, 0, 0},
	{TOP_(",'hostname':'h'", "", ""), 'E', "hostname",
	 "needs a uts namespace: linux.namespaces has none"},
	{TOP_(",'domainname':'h'", "", ""), 'E', "domainname",
	 "needs a uts namespace: linux.namespaces has none"},
	{TOP_(",'hostname':''", "", ""), 0, 0, 0},
	{TOP("'hostname':'0123456789012345678901234567890123456789012345678901234567890123'"), 0, 0,
	 0},
	{TOP("'hostname':'01234567890123456789012345678901234567890123456789012345678901234'"), 'E',
	 "hostname", "longer than 64 bytes"},
	{TOP("'annotations':{'':'x'}"), 'E', "annotations[\"\"]", "the key must not be empty"},
	{TOP("'windows':{'a':1},'solaris':{},'zos':{},'freebsd':{}"), 0, 0, 0},

	/* ---- mounts and hooks ---- */
	{MOUNT("'destination':'/a','source':'b','options':['rbind','ro']"), 0, 0, 0},
	{MOUNT("'destination':'a','type':'tmpfs'"), 'W', "mounts[0].destination",
	 "a relative destination is deprecated, \"/\" is put before"},
	{MOUNT("'destination':''"), 'E', "mounts[0].destination", "must not be empty"},
	{MOUNT("'destination':'/a','options':['bind']"), 'E', "mounts[0].source",
	 "a bind mount needs a source"},
	{MOUNT("'destination':'/a','source':'','options':['rbind']"), 'E', "mounts[0].source",
	 "a bind mount needs a source"},
	{MOUNT("'destination':'/a','source':'/b','options':['bind'],'uidMappings':[" MAP(0, 0, 1)
	       "]"),
	 'E', "mounts[0].uidMappings", "uidMappings and gidMappings must be given both or none"},
	{MOUNT("'destination':'/a','source':'/b','options':['bind']," MAPS(MAP(0, 0, 0))), 'E',
	 "mounts[0].uidMappings[0].size", "must not be 0"},
	{TOP("'hooks':{'prestart':[{'path':'/x','env':['A=1','B='],'timeout':1}]}"), 0, 0, 0},
	{TOP("'hooks':{'poststop':[{'path':'x'}]}"), 'E', "hooks.poststop[0].path",
	 "must be an absolute path, got \"x\""},
	{TOP("'hooks':{'poststart':[{'path':''}]}"), 'E', "hooks.poststart[0].path",
	 "must not be empty"},
	{TOP("'hooks':{'createRuntime':[{'path':'/x','timeout':0}]}"), 'E',
	 "hooks.createRuntime[0].timeout", "must be at least 1, got 0"},
	{TOP("'hooks':{'createContainer':[{'path':'/x','timeout':-1}]}"), 'E',
	 "hooks.createContainer[0].timeout", "must be at least 1, got -1"},
	{TOP("'hooks':{'startContainer':[{'path':'/x','env':['A=1','B']}]}"), 'E',
	 "hooks.startContainer[0].env[1]", "\"B\" has no '='"},

	/* ---- process ---- */
	{TOP_("", ",'env':['A=','B=x=y']", ""), 0, 0, 0},
	{PROCESS("'env':['A=1','PATH']"), 'E', "process.env[1]", "\"PATH\" has no '='"},
	{PROCESS("'env':['=x']"), 'E', "process.env[0]", "the variable has no name"},
	{"{'ociVersion':'1.0.2','root':{'path':'/r'},'process':{'cwd':'a','args':['a']}}", 'E',
	 "process.cwd", "must be an absolute path, got \"a\""},
	{"{'ociVersion':'1.0.2','root':{'path':'/r'},'process':{'cwd':'/'}}", 'E', "process.args",
	 "must name a program"},
	{"{'ociVersion':'1.0.2','root':{'path':'/r'},'process':{'cwd':'/','args':[]}}", 'E',
	 "process.args", "must name a program"},
	{"{'ociVersion':'1.0.2','root':{'path':'/r'},'process':{'cwd':'/','args':['','a']}}", 'E',
	 "process.args[0]", "the name of the program must not be empty"},
	{PROCESS("'user':{'umask':511}"), 0, 0, 0},
	{PROCESS("'user':{'umask':512}"), 'E', "process.user.umask",
	 "512 is no umask: the largest is 511 (0777)"},
	{PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
		 "{'type':'RLIMIT_AS','soft':0,'hard':18446744073709551615}]"),
	 0, 0, 0},
	{PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':2,'hard':1}]"), 'E',
	 "process.rlimits[0].soft", "the soft limit 2 is above the hard limit 1"},
	{PROCESS("'rlimits':[{'type':'RLIMIT_CPU','soft':1,'hard':1},"
		 "{'type':'RLIMIT_CPU','soft':1,'hard':1}]"),
	 'E', "process.rlimits[1].type", "RLIMIT_CPU stands twice"},
	{PROCESS("'oomScoreAdj':-1000"), 0, 0, 0},
	{PROCESS("'oomScoreAdj':1001"), 'E', "process.oomScoreAdj",
	 "1001 is not in the range -1000..1000"},
	{PROCESS("'terminal':true,'consoleSize':{'height':25,'width':80}"), 0, 0, 0},
	{PROCESS("'consoleSize':{'height':25,'width':80}"), 'W', "process.consoleSize",
	 "ignored, since process.terminal is not true"},
	{PROCESS("'terminal':true,'consoleSize':{'height':65536,'width':80}"), 'E',
	 "process.consoleSize.height", "larger than 65535"},
	{PROCESS("'terminal':true,'consoleSize':{'height':1,'width':65536}"), 'E',
	 "process.consoleSize.width", "larger than 65535"},
	{CAPS("'bounding':['CAP_CHOWN','cap_kill'],'permitted':['CAP_KILL'],"
	      "'effective':['CAP_KILL'],'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']"),
	 0, 0, 0},
	{CAPS("'bounding':['CAP_FOO']"), 'W', "process.capabilities.bounding[0]",
	 "unknown capability \"CAP_FOO\", ignored"},
	{CAPS("'effective':['CAP_KILL']"), 'W', "process.capabilities.effective[0]",
	 "cannot be raised, not in \"permitted\": CAP_KILL"},
	{CAPS("'ambient':['CAP_KILL'],'inheritable':['CAP_KILL']"), 'W',
	 "process.capabilities.ambient[0]", "cannot be raised, not in \"permitted\": CAP_KILL"},
	{CAPS("'ambient':['CAP_KILL'],'permitted':['CAP_KILL']"), 'W',
	 "process.capabilities.ambient[0]",
	 "cannot be raised, not in \"inheritable\": CAP_KILL"},
	{PROCESS("'apparmorProfile':'p','selinuxLabel':'l'"), 0, 0, 0},
	{PROCESS("'scheduler':{'policy':'SCHED_OTHER','nice':-20,'flags':"
		 "['SCHED_FLAG_UTIL_CLAMP_MIN']}"),
	 0, 0, 0},
	{PROCESS("'scheduler':{'policy':'SCHED_IDLE','nice':5}"), 'W', "process.scheduler.nice",
	 "ignored, since only SCHED_OTHER and SCHED_BATCH have it"},
	{PROCESS("'scheduler':{'policy':'SCHED_DEADLINE','runtime':1024,'deadline':1025}"), 0, 0,
	 0},
	{PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_BE'}"), 0, 0, 0},
	{PROCESS("'execCPUAffinity':{'initial':'0-3, 7'}"), 0, 0, 0},
	{PROCESS("'execCPUAffinity':{}"), 0, 0, 0},

	/* ---- namespaces and ids ---- */
	{LINUX("'namespaces':[{'type':'pid'},{'type':'network','path':'/proc/1/ns/net'},"
	       "{'type':'ipc'},{'type':'uts'},{'type':'mount'},{'type':'cgroup'},{'type':'time'}]"),
	 0, 0, 0},
	{LINUX("'namespaces':[{'type':'pid'},{'type':'ipc'},{'type':'pid','path':'/x'}]"), 'E',
	 "linux.namespaces[2].type", "the pid namespace stands twice"},
	{LINUX("'namespaces':[{'type':'pid','path':''}]"), 'E', "linux.namespaces[0].path",
	 "must not be empty"},
	{LINUX("'namespaces':[{'type':'pid','path':'ns'}]"), 'E', "linux.namespaces[0].path",
	 "must be an absolute path, got \"ns\""},
	{NS("user", MAPS(MAP(0, 1000, 1) "," MAP(1, 100000, 65536))), 0, 0, 0},
	{NS("user", "'uidMappings':[" MAP(0, 0, 1) "]"), 'E', "linux.namespaces[0]",
	 "linux.uidMappings and linux.gidMappings must be given both or none"},
	{NS("user", "'gidMappings':[" MAP(0, 0, 1) "]"), 'E', "linux.namespaces[0]",
	 "linux.uidMappings and linux.gidMappings must be given both or none"},
	{LINUX("'namespaces':[{'type':'user'}]"), 'W', "linux.namespaces[0]",
	 "without linux.uidMappings only the caller is mapped, as its root"},
	{LINUX("'namespaces':[{'type':'user','path':'/u'}]"), 0, 0, 0},
	{LINUX("'namespaces':[{'type':'user','path':'/u'}]," MAPS(MAP(0, 0, 1))), 0, 0, 0},
	{LINUX("'uidMappings':[" MAP(0, 0, 1) "]"), 'E', "linux.uidMappings",
	 "needs a user namespace: linux.namespaces has none"},
	{LINUX("'gidMappings':[" MAP(0, 0, 1) "]"), 'E', "linux.gidMappings",
	 "needs a user namespace: linux.namespaces has none"},
	{NS("user", MAPS(MAP(0, 0, 0))), 'E', "linux.uidMappings[0].size", "must not be 0"},
	{NS("user", MAPS(MAP(4294967294, 0, 1))), 0, 0, 0},
	{NS("user", MAPS(MAP(4294967294, 0, 2))), 'E', "linux.uidMappings[0]",
	 "the range ends above the last id in the container"},
	{NS("user", MAPS(MAP(0, 1, 4294967295))), 'E', "linux.uidMappings[0]",
	 "the range ends above the last id of the host"},
	{NS("user", MAPS(MAP(0, 0, 10) "," MAP(9, 20, 1))), 'E', "linux.uidMappings[1]",
	 "overlaps range 0 in the container"},
	{NS("user", MAPS(MAP(10, 0, 10) "," MAP(0, 9, 5))), 'E', "linux.uidMappings[1]",
	 "overlaps range 0 on the host"},
	{NS("user", MAPS(MAP(10, 0, 10) "," MAP(0, 10, 10))), 0, 0, 0},
	{NS("time", "'timeOffsets':{'monotonic':{'secs':-1,'nanosecs':999999999}}"), 0, 0, 0},
	{NS("time", "'timeOffsets':{'boottime':{'nanosecs':1000000000}}"), 'E',
	 "linux.timeOffsets.boottime.nanosecs", "1000000000 is not in the range 0..999999999"},
	{LINUX("'timeOffsets':{}"), 'E', "linux.timeOffsets",
	 "needs a time namespace: linux.namespaces has none"},
	{LINUX("'namespaces':[{'type':'time','path':'/t'}],'timeOffsets':{}"), 'E',
	 "linux.timeOffsets", "the offsets of a time namespace that is joined cannot be set"},

	/* ---- devices ---- */
	{LINUX("'devices':[{'type':'c','path':'/dev/a','major':4095,'minor':1048575},"
	       "{'type':'b','path':'/dev/b','major':0,'minor':0,'fileMode':511,'uid':0},"
	       "{'type':'u','path':'/dev/c','major':1,'minor':3},{'type':'p','path':'/dev/d'}]"),
	 0, 0, 0},
	{LINUX("'devices':[{'type':'c','path':'dev/a','major':1,'minor':3}]"), 'E',
	 "linux.devices[0].path", "must be an absolute path, got \"dev/a\""},
	{LINUX("'devices':[{'type':'c','path':'/dev/a','minor':3}]"), 'E', "linux.devices[0].major",
	 "required for a device, but missing"},
	{LINUX("'devices':[{'type':'b','path':'/dev/a','major':3}]"), 'E', "linux.devices[0].minor",
	 "required for a device, but missing"},
	{LINUX("'devices':[{'type':'c','path':'/dev/a','major':4096,'minor':3}]"), 'E',
	 "linux.devices[0].major", "4096 is not in the range 0..4095"},
	{LINUX("'devices':[{'type':'c','path':'/dev/a','major':1,'minor':-1}]"), 'E',
	 "linux.devices[0].minor", "-1 is not in the range 0..1048575"},
	{LINUX("'devices':[{'type':'c','path':'/dev/a','major':1,'minor':1,'fileMode':8630}]"), 'W',
	 "linux.devices[0].fileMode", "more than permissions (511, 0777); the rest is ignored"},
	{LINUX("'devices':[{'type':'p','path':'/dev/a'},{'type':'p','path':'/dev/b'},"
	       "{'type':'p','path':'/dev/a'}]"),
	 'E', "linux.devices[2].path", "the path \"/dev/a\" stands twice"},

	/* ---- sysctl ---- */
	{LINUX("'namespaces':[{'type':'ipc'},{'type':'network'},{'type':'uts'}],"
	       "'sysctl':{'kernel.msgmax':'1','fs.mqueue.msg_max':'1','net.core.somaxconn':'1',"
	       "'net/ipv4/conf/eth0.1/forwarding':'1','net.ipv4.conf.eth0/1.mtu':'1',"
	       "'kernel.domainname':'d'}"),
	 0, 0, 0},
	{LINUX("'sysctl':{'net.core.somaxconn':'1'}"), 'E', "linux.sysctl[\"net.core.somaxconn\"]",
	 "sysctl \"net.core.somaxconn\" needs a network namespace: linux.namespaces has none"},
	{NS("network", "'sysctl':{'kernel/shmall':'1'}"), 'E', "linux.sysctl[\"kernel/shmall\"]",
	 "sysctl \"kernel/shmall\" needs a ipc namespace: linux.namespaces has none"},
	{NS("ipc", "'sysctl':{'kernel.panic':'1'}"), 'E', "linux.sysctl[\"kernel.panic\"]",
	 "sysctl \"kernel.panic\" is not in a separate kernel namespace"},
	{NS("ipc", "'sysctl':{'kernel.core_pattern':'|/x'}"), 'E',
	 "linux.sysctl[\"kernel.core_pattern\"]",
	 "sysctl \"kernel.core_pattern\" is not in a separate kernel namespace"},
	{NS("network", "'sysctl':{'net/../kernel/panic':'1'}"), 'E',
	 "linux.sysctl[\"net/../kernel/panic\"]", "\"net/../kernel/panic\" is no name of a sysctl"},
	{NS("network", "'sysctl':{'/net/x':'1'}"), 'E', "linux.sysctl[\"/net/x\"]",
	 "\"/net/x\" is no name of a sysctl"},
	{NS("network", "'sysctl':{'net.x+kernel.y':'1'}"), 'E', "linux.sysctl[\"net.x+kernel.y\"]",
	 "\"net.x+kernel.y\" is no name of a sysctl"},
	{NS("network", "'sysctl':{'net.x':'1\\n2'}"), 'E', "linux.sysctl[\"net.x\"]",
	 "the value has more than one line"},
	{NS("uts", "'sysctl':{'kernel.hostname':'h'}"), 'E', "linux.sysctl[\"kernel.hostname\"]",
	 "the property \"hostname\" sets it"},

	/* ---- paths and labels ---- */
	{LINUX("'maskedPaths':['/a','/b'],'readonlyPaths':['/c']"), 0, 0, 0},
	{LINUX("'maskedPaths':['/a','b']"), 'E', "linux.maskedPaths[1]",
	 "must be an absolute path, got \"b\""},
	{LINUX("'readonlyPaths':['']"), 'E', "linux.readonlyPaths[0]", "must not be empty"},
	{LINUX("'mountLabel':''"), 0, 0, 0},
	{LINUX("'mountLabel':'x'"), 0, 0, 0},
	{LINUX("'rootfsPropagation':'rslave'"), 0, 0, 0},
	{LINUX("'cgroupsPath':''"), 0, 0, 0},
	{LINUX("'cgroupsPath':'/a/..b/c..'"), 0, 0, 0},
	{LINUX("'cgroupsPath':'system.slice:rt:name'"), 0, 0, 0},
	{LINUX("'cgroupsPath':'/a/../../b'"), 'E', "linux.cgroupsPath",
	 "\"..\" leads out of the place for containers"},
	{LINUX("'cgroupsPath':'a\\nb'"), 'E', "linux.cgroupsPath", "must not hold a line break"},

	{LINUX("'memoryPolicy':{'mode':'MPOL_LOCAL'}"), 0, 0, 0},
	{LINUX("'memoryPolicy':{'mode':'MPOL_PREFERRED_MANY','nodes':'0-32767','flags':"
	       "['MPOL_F_NUMA_BALANCING','MPOL_F_STATIC_NODES']}"),
	 0, 0, 0},
	{LINUX("'personality':{'domain':'LINUX'}"), 0, 0, 0},

	/* ---- not yet ---- */
	{TOP("'vm':{'kernel':{'path':'/k'}}"), 'U', "vm", "not supported yet"},
	{NS("network", "'netDevices':{}"), 0, 0, 0},
	{NS("network", "'netDevices':{'eth0':{},'eth1':{'name':'e%d'},'eth2':{'name':'e%d'}}"), 0,
	 0, 0},
	{NS("network", "'netDevices':{'eth0':{},'eth1':{'name':'eth0'}}"), 'E',
	 "linux.netDevices.eth1", "the name \"eth0\" in the container is taken by \"eth0\""},
	{NS("network", "'netDevices':{'e%d':{}}"), 'E', "linux.netDevices[\"e%d\"]",
	 "\"e%d\" is no name of a network interface"},
	{LINUX("'intelRdt':{'closID':'c','l3CacheSchema':'L3:0=f'}"), 0, 0, 0},
	{LINUX("'intelRdt':{'closID':'/','memBwSchema':'MB:0=20','enableMonitoring':true}"), 0, 0,
	 0},

	/* ---- resources ---- */
	{RESOURCES("'devices':[{'allow':false,'access':'rwm'},"
		   "{'allow':true,'type':'c','major':-1,'minor':3,'access':'r'}]"),
	 0, 0, 0},
	{RESOURCES("'devices':[{'allow':true,'access':'rwx'}]"), 'E',
	 "linux.resources.devices[0].access", "\"rwx\": only r, w and m can be allowed or denied"},
	{RESOURCES("'devices':[{'allow':true,'access':''}]"), 'E',
	 "linux.resources.devices[0].access", "\"\": only r, w and m can be allowed or denied"},
	{RESOURCES("'devices':[{'allow':true,'major':-2}]"), 'E',
	 "linux.resources.devices[0].major", "-2 is neither a device number nor -1, any"},
	{RESOURCES("'memory':{'limit':10,'swap':10,'reservation':-1}"), 0, 0, 0},
	{RESOURCES("'memory':{'limit':-1,'swap':-1}"), 0, 0, 0},
	{RESOURCES("'memory':{'limit':10,'swap':-1}"), 0, 0, 0},
	{RESOURCES("'memory':{'limit':-2}"), 'E', "linux.resources.memory.limit",
	 "-2 is neither a number of bytes nor -1, no limit"},
	{RESOURCES("'memory':{'limit':10,'swap':9}"), 'E', "linux.resources.memory.swap",
	 "9 is memory and swap together, so not less than the limit 10"},
	{RESOURCES("'memory':{'swap':9}"), 'E', "linux.resources.memory.swap",
	 "cannot set a swap limit without a memory limit"},
	{RESOURCES("'memory':{'limit':-1,'swap':9}"), 'E', "linux.resources.memory.swap",
	 "cannot set a swap limit without a memory limit"},
	{RESOURCES("'memory':{'kernel':-1,'kernelTCP':0,'swappiness':0,'disableOOMKiller':false,"
		   "'useHierarchy':true,'checkBeforeUpdate':true}"),
	 0, 0, 0},
	{RESOURCES("'memory':{'kernel':5}"), 'U', "linux.resources.memory.kernel",
	 "not possible: cgroup v2 has nothing like memory.kmem.limit_in_bytes"},
	{RESOURCES("'memory':{'swappiness':60}"), 0, 0, 0},
	{RESOURCES("'memory':{'swappiness':10}"), 'U', "linux.resources.memory.swappiness",
	 "not possible: cgroup v2 has nothing like memory.swappiness"},
	{RESOURCES("'memory':{'disableOOMKiller':true}"), 'U',
	 "linux.resources.memory.disableOOMKiller",
	 "not possible: cgroup v2 has nothing like memory.oom_control"},
	{RESOURCES("'cpu':{'shares':2,'quota':-1,'period':100000,'idle':1,'cpus':'0-1,3','mems':''}"),
	 0, 0, 0},
	{RESOURCES("'cpu':{'quota':1000,'period':1000,'burst':1000}"), 0, 0, 0},
	{RESOURCES("'cpu':{'quota':999}"), 'E', "linux.resources.cpu.quota",
	 "999: the kernel's smallest quota is 1000"},
	{RESOURCES("'cpu':{'period':999}"), 'E', "linux.resources.cpu.period",
	 "999 is not in the range 1000..1000000"},
	{RESOURCES("'cpu':{'period':1000001}"), 'E', "linux.resources.cpu.period",
	 "1000001 is not in the range 1000..1000000"},
	{RESOURCES("'cpu':{'quota':1000,'burst':1001}"), 'E', "linux.resources.cpu.burst",
	 "1001 is above the quota 1000"},
	{RESOURCES("'cpu':{'burst':1}"), 'E', "linux.resources.cpu.burst", "needs a quota"},
	{RESOURCES("'cpu':{'idle':2}"), 'E', "linux.resources.cpu.idle", "2 is neither 0 nor 1"},
	{RESOURCES("'cpu':{'cpus':'3-1'}"), 'E', "linux.resources.cpu.cpus",
	 "\"3-1\" is no list of cpus"},
	{RESOURCES("'cpu':{'mems':'a'}"), 'E', "linux.resources.cpu.mems",
	 "\"a\" is no list of memory nodes"},
	{RESOURCES("'cpu':{'realtimeRuntime':0,'realtimePeriod':1000000}"), 0, 0, 0},
	{RESOURCES("'cpu':{'realtimeRuntime':5}"), 'U', "linux.resources.cpu.realtimeRuntime",
	 "not possible: cgroup v2 has nothing like cpu.rt_runtime_us"},
	{RESOURCES("'pids':{'limit':-1}"), 0, 0, 0},
	{RESOURCES("'pids':{'limit':0}"), 0, 0, 0},
	{RESOURCES("'pids':{'limit':-2}"), 'E', "linux.resources.pids.limit",
	 "-2 is neither a number of tasks nor -1, no limit"},
	{RESOURCES("'blockIO':{'weight':0,'weightDevice':[]}"), 0, 0, 0},
	{RESOURCES("'blockIO':{'weight':10,'leafWeight':0}"), 0, 0, 0},
	{RESOURCES("'blockIO':{'leafWeight':10}"), 'U', "linux.resources.blockIO.leafWeight",
	 "not possible: cgroup v2 has nothing like blkio.leaf_weight"},
	{RESOURCES("'blockIO':{'weightDevice':[{'major':8,'minor':0,'leafWeight':10}]}"), 'U',
	 "linux.resources.blockIO.weightDevice[0].leafWeight",
	 "not possible: cgroup v2 has nothing like blkio.leaf_weight_device"},
	{RESOURCES("'hugepageLimits':[]"), 0, 0, 0},
	{RESOURCES("'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'64kB','limit':0}]"),
	 0, 0, 0},
	{RESOURCES("'network':{'classID':0,'priorities':[]}"), 0, 0, 0},
	{RESOURCES("'network':{'classID':1}"), 'U', "linux.resources.network",
	 "not possible: cgroup v2 has nothing like net_cls.classid and net_prio.ifpriomap"},
	{RESOURCES("'rdma':{'mlx':{'hcaHandles':1}}"), 0, 0, 0},
	{RESOURCES("'unified':{'memory.high':'1','hugetlb.2MB.max':'0','cgroup.max.depth':'1'}"), 0,
	 0, 0},
	{RESOURCES("'unified':{'../memory.max':'1'}"), 'E',
	 "linux.resources.unified[\"../memory.max\"]",
	 "\"../memory.max\" is no name of a cgroup file"},
	{RESOURCES("'unified':{'memory':'1'}"), 'E', "linux.resources.unified.memory",
	 "\"memory\" is no name of a cgroup file"},
	{RESOURCES("'unified':{'cgroup.procs':'1'}"), 'E',
	 "linux.resources.unified[\"cgroup.procs\"]", "\"cgroup.procs\" is the runtime's to write"},

	/* ---- seccomp ---- */
	{SECCOMP("'architectures':['SCMP_ARCH_X86_64'],'flags':['SECCOMP_FILTER_FLAG_LOG'],"
		 "'listenerPath':''"),
	 0, 0, 0},
	{LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4095}"), 0, 0, 0},
	{LINUX("'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':4096}"), 'E',
	 "linux.seccomp.defaultErrnoRet", "4096 is too large for SCMP_ACT_ERRNO"},
	{SECCOMP("'defaultErrnoRet':1"), 'E', "linux.seccomp.defaultErrnoRet",
	 "SCMP_ACT_ALLOW does not take an errno"},
	{LINUX("'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY'}"), 'E', "linux.seccomp.defaultAction",
	 "SCMP_ACT_NOTIFY cannot be the default"},
	{RULE("'action':'SCMP_ACT_TRACE','errnoRet':65535,"
	      "'args':[{'index':5,'value':1,'op':'SCMP_CMP_EQ'}]"),
	 0, 0, 0},
	{RULE("'action':'SCMP_ACT_TRACE','errnoRet':65536"), 'E',
	 "linux.seccomp.syscalls[0].errnoRet", "65536 is too large for SCMP_ACT_TRACE"},
	{RULE("'action':'SCMP_ACT_KILL','errnoRet':1"), 'E', "linux.seccomp.syscalls[0].errnoRet",
	 "SCMP_ACT_KILL does not take an errno"},
	{RULE("'action':'SCMP_ACT_ALLOW','args':[{'index':6,'value':1,'op':'SCMP_CMP_EQ'}]"), 'E',
	 "linux.seccomp.syscalls[0].args[0].index", "6 is not in the range 0..5"},
	{SECCOMP("'syscalls':[{'names':[],'action':'SCMP_ACT_LOG'}]"), 'E',
	 "linux.seccomp.syscalls[0].names", "must not be empty"},
	{SECCOMP("'syscalls':[{'names':['a',''],'action':'SCMP_ACT_LOG'}]"), 'E',
	 "linux.seccomp.syscalls[0].names[1]", "must not be empty"},
	{RULE("'action':'SCMP_ACT_NOTIFY'"), 'E', "linux.seccomp.listenerPath",
	 "SCMP_ACT_NOTIFY needs a listenerPath"},
	{SECCOMP("'flags':['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV']"), 'E',
	 "linux.seccomp.flags[0]", "goes with SCMP_ACT_NOTIFY only"},
	{SECCOMP("'listenerPath':'/s','listenerMetadata':'m',"
		 "'syscalls':[{'names':['mount'],'action':'SCMP_ACT_NOTIFY'}]"),
	 0, 0, 0},
	{SECCOMP("'listenerPath':'/s','syscalls':[{'names':['sendmsg'],'action':'SCMP_ACT_NOTIFY'}]"),
	 'E', "linux.seccomp.syscalls[0].names[0]",
	 "SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall"},
	{LISTENED("{'names':['a'],'action':'SCMP_ACT_ALLOW'}"), 'E', "linux.seccomp.listenerPath",
	 "the rules must allow sendmsg: with it the listener gets its descriptor"},
	{LISTENED("{'names':['a','sendmsg'],'action':'SCMP_ACT_ALLOW'}"), 0, 0, 0},
	{LISTENED("{'names':['sendmsg'],'action':'SCMP_ACT_LOG'},"
		  "{'names':['sendmsg'],'action':'SCMP_ACT_ERRNO',"
		  "'args':[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}"),
	 'E', "linux.seccomp.listenerPath",
	 "the rules must allow sendmsg: with it the listener gets its descriptor"},
	{LISTENED("{'names':['sendmsg'],'action':'SCMP_ACT_ALLOW',"
		  "'args':[{'index':0,'value':1,'op':'SCMP_CMP_EQ'}]}"),
	 'E', "linux.seccomp.listenerPath",
	 "the rules must allow sendmsg: with it the listener gets its descriptor"},
	{SECCOMP("'listenerPath':'/s'"), 'W', "linux.seccomp.listenerPath",
	 "no rule has SCMP_ACT_NOTIFY, so nobody will listen"},
	{SECCOMP("'listenerMetadata':'m'"), 'E', "linux.seccomp.listenerMetadata",
	 "goes with a listenerPath only"},
};

static void check_case(size_t i, const struct problems *list, const struct err *e)
{
	const struct problem *p = list->v;
	char kind = !list->n				? 0
		    : p->severity == PROBLEM_WARNING	? 'W'
		    : p->code == RT_E_UNSUPPORTED	? 'U'
							: 'E';

	cr_expect_eq(list->n, cases[i].kind ? 1 : 0, "%s: %zu problems, %s: %s", cases[i].text,
		     list->n, list->n > 1 ? p[1].field : "", list->n > 1 ? p[1].message : "");
	cr_expect_eq(kind, cases[i].kind, "%s: '%c'", cases[i].text, kind);
	if (!list->n || !cases[i].kind)
		return;
	cr_expect_str_eq(p->field, cases[i].field, "%s: %s", cases[i].text, p->field);
	cr_expect_str_eq(p->message, cases[i].message, "%s: %s", cases[i].text, p->message);
	cr_expect(p->line == 1, "%s: has no place", cases[i].text);
	if (kind != 'W')
		cr_expect(streq(e->field, p->field) && streq(e->text, p->message), "%s: %s",
			  cases[i].text, e->text);
}

Test(spec_check, finds_each_problem_and_nothing_else)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = quotes(cases[i].text);
		struct err e = ERR_INIT, first = ERR_INIT;
		struct problems list = {0};
		struct bind_doc doc;
		int r;

		r = rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_config), "config.json", text,
				  strlen(text), NULL, &e);
		cr_assert_eq(r, 0, "%s: %s: %s", text, e.field, e.text);
		r = rt_check_config(&doc, &list, &e);
		cr_expect_eq(r, cases[i].kind && cases[i].kind != 'W' ? -EINVAL : 0, "%s", text);
		check_case(i, &list, &e);
		/* without a list the first error is the same */
		cr_expect_eq(rt_check_config(&doc, NULL, &first), r);
		cr_expect_str_eq(first.text, e.text);
		rt_bind_free(&doc);
		rt_problems_free(&list);
	}
}

/* ---- rules that the unsupported ones hide, each by the first message of its document ------ */

static const struct {
	const char *text, *field, *message;
} first_errors[] = {
	{PROCESS("'scheduler':{'policy':'SCHED_FIFO'}"), "process.scheduler.priority",
	 "SCHED_FIFO needs a priority of 1..99"},
	{PROCESS("'scheduler':{'policy':'SCHED_OTHER','priority':1}"), "process.scheduler.priority",
	 "only SCHED_FIFO and SCHED_RR have a priority"},
	{PROCESS("'scheduler':{'policy':'SCHED_OTHER','nice':20}"), "process.scheduler.nice",
	 "20 is not in the range -20..19"},
	{PROCESS("'scheduler':{'policy':'SCHED_BATCH','deadline':1}"), "process.scheduler.deadline",
	 "only SCHED_DEADLINE has runtime, deadline and period"},
	{PROCESS("'scheduler':{'policy':'SCHED_DEADLINE','runtime':3,'deadline':2}"),
	 "process.scheduler.policy",
	 "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period, in nanoseconds"},
	{PROCESS("'scheduler':{'policy':'SCHED_DEADLINE','runtime':1023,'deadline':2000}"),
	 "process.scheduler.policy",
	 "SCHED_DEADLINE needs 1024 <= runtime <= deadline <= period, in nanoseconds"},
	{TOP_(",'hooks':{'startContainer':[{'path':'/x'}]}",
	      ",'scheduler':{'policy':'SCHED_DEADLINE','runtime':1024,'deadline':2000,'flags':"
	      "['SCHED_FLAG_RECLAIM']}",
	      ""),
	 "process.scheduler.flags",
	 "without SCHED_FLAG_RESET_ON_FORK no createContainer or startContainer hook can be run"},
	{PROCESS("'scheduler':{'policy':'SCHED_ISO'}"), "process.scheduler.policy",
	 "SCHED_ISO is a reserved word, no Linux has it"},
	{PROCESS("'ioPriority':{'class':'IOPRIO_CLASS_RT','priority':8}"),
	 "process.ioPriority.priority", "8 is not in the range 0..7"},
	{PROCESS("'execCPUAffinity':{'initial':'0','final':'1-'}"), "process.execCPUAffinity.final",
	 "\"1-\" is no list of cpus"},
	{LINUX("'netDevices':{'eth0':{}}"), "linux.netDevices",
	 "unable to move network devices without a NET namespace: linux.namespaces has none"},
	{NS("network", "'netDevices':{'0123456789abcdef':{}}"), "linux.netDevices.0123456789abcdef",
	 "\"0123456789abcdef\" is no name of a network interface"},
	{NS("network", "'netDevices':{'eth0':{'name':'a/b'}}"), "linux.netDevices.eth0.name",
	 "\"a/b\" is no name of a network interface"},
	{NS("network", "'netDevices':{'eth0':{'name':'a%s'}}"), "linux.netDevices.eth0.name",
	 "\"a%s\" is no name of a network interface"},
	{NS("network", "'netDevices':{'eth0':{'name':'a'},'eth1':{'name':'a'}}"),
	 "linux.netDevices.eth1", "the name \"a\" in the container is taken by \"eth0\""},
	{LINUX("'intelRdt':{'closID':'..'}"), "linux.intelRdt.closID",
	 "\"..\" is no name of a directory"},
	{LINUX("'intelRdt':{'closID':'a/b'}"), "linux.intelRdt.closID",
	 "\"a/b\" is no name of a directory"},
	{LINUX("'intelRdt':{'memBwSchema':'L3:0=f'}"), "linux.intelRdt.memBwSchema",
	 "must be one line that begins with \"MB:\""},
	{LINUX("'intelRdt':{'schemata':['L3:0=f\\nMB:0=1']}"), "linux.intelRdt.schemata[0]",
	 "must be one line"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_LOCAL','nodes':'0'}"), "linux.memoryPolicy.nodes",
	 "MPOL_LOCAL has no nodes"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_BIND'}"), "linux.memoryPolicy.nodes",
	 "MPOL_BIND needs nodes"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_BIND','nodes':'x'}"), "linux.memoryPolicy.nodes",
	 "\"x\" is no list of memory nodes"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_BIND','nodes':'1,32768'}"), "linux.memoryPolicy.nodes",
	 "\"1,32768\": the largest number is 32767"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_BIND','nodes':'0','flags':['MPOL_F_STATIC_NODES',"
	       "'MPOL_F_RELATIVE_NODES']}"),
	 "linux.memoryPolicy.flags",
	 "MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES exclude each other"},
	{LINUX("'memoryPolicy':{'mode':'MPOL_LOCAL','flags':['MPOL_F_NUMA_BALANCING']}"),
	 "linux.memoryPolicy.flags",
	 "MPOL_F_NUMA_BALANCING goes with MPOL_BIND and MPOL_PREFERRED_MANY only"},
	{LINUX("'personality':{'domain':'LINUX','flags':['x']}"), "linux.personality.flags",
	 "there are no flags of a personality"},
	{TOP("'vm':{'kernel':{'path':'k'}}"), "vm.kernel.path",
	 "must be an absolute path, got \"k\""},
	{RESOURCES("'blockIO':{'weight':9}"), "linux.resources.blockIO.weight",
	 "9 is not in the range 10..1000"},
	{RESOURCES("'blockIO':{'weightDevice':[{'major':8,'minor':0}]}"),
	 "linux.resources.blockIO.weightDevice[0]", "needs weight or leafWeight"},
	{RESOURCES("'hugepageLimits':[{'pageSize':'2','limit':1}]"),
	 "linux.resources.hugepageLimits[0].pageSize", "\"2\" is no page size like \"2MB\""},
	{RESOURCES("'hugepageLimits':[{'pageSize':'../2MB','limit':1}]"),
	 "linux.resources.hugepageLimits[0].pageSize", "\"../2MB\" is no page size like \"2MB\""},
	{RESOURCES("'hugepageLimits':[{'pageSize':'2MB','limit':1},{'pageSize':'2MB','limit':2}]"),
	 "linux.resources.hugepageLimits[1].pageSize", "the page size \"2MB\" stands twice"},
	{RESOURCES("'rdma':{'a/b':{}}"), "linux.resources.rdma[\"a/b\"]",
	 "\"a/b\" is no name of a device"},
	{RESOURCES("'network':{'priorities':[{'name':'a/b','priority':1}]}"),
	 "linux.resources.network.priorities[0].name", "\"a/b\" is no name of a network interface"},
	{RESOURCES("'memory':{'swappiness':101}"), "linux.resources.memory.swappiness",
	 "101 is not in the range 0..100"},
	{SECCOMP("'listenerPath':'s','syscalls':[{'names':['a'],'action':'SCMP_ACT_NOTIFY'}]"),
	 "linux.seccomp.listenerPath", "must be an absolute path"},
	{SECCOMP("'listenerPath':'/s','syscalls':[{'names':['write'],'action':'SCMP_ACT_NOTIFY'}]"),
	 "linux.seccomp.syscalls[0].names[0]", "SCMP_ACT_NOTIFY cannot be used for the write syscall"},
	{TOP_(",'domainname':'a'", "",
	      "'namespaces':[{'type':'uts'}],'sysctl':{'kernel.domainname':'b'}"),
	 "linux.sysctl[\"kernel.domainname\"]", "the property \"domainname\" sets it"},
};

static int check_text(unsigned object, const char *quoted, struct err *e)
{
	_cleanup_free_ char *text = quotes(quoted);
	struct bind_doc doc;
	int r;

	*e = ERR_INIT;
	r = rt_bind_parse(&doc, &rt_oci_schema, object, "x.json", text, strlen(text), NULL, e);
	cr_assert_eq(r, 0, "%s: %s: %s", text, e->field, e->text);
	r = object == BIND_ID(oci_config)    ? rt_check_config(&doc, NULL, e)
	    : object == BIND_ID(oci_process) ? rt_check_process(&doc, NULL, e)
					     : rt_check_resources(&doc, NULL, e);
	rt_bind_free(&doc);
	return r;
}

Test(spec_check, checks_also_what_is_not_done_yet)
{
	for (size_t i = 0; i < ARRAY_SIZE(first_errors); i++) {
		struct err e;

		cr_expect_eq(check_text(BIND_ID(oci_config), first_errors[i].text, &e), -EINVAL);
		cr_expect_str_eq(e.field, first_errors[i].field, "%s: %s", first_errors[i].text,
				 e.field);
		cr_expect_str_eq(e.text, first_errors[i].message, "%s: %s", first_errors[i].text,
				 e.text);
	}
}

Test(spec_check, takes_any_minor_version_of_semver)
{
	static const struct {
		const char *version;
		bool good;
	} versions[] = {
		{"1.0.0", true},      {"1.0.2-dev", true}, {"1.3.0", true},	{"1.99.7", true},
		{"1.0.0-rc.1", true}, {"1.0.0+x", true},   {"1.0.0-a-b+c", true}, {"1", false},
		{"1.0", false},	      {"", false},	   {"v1.0.0", false},	{"1.0.0.0", false},
		{"01.0.0", false},    {"1.00.0", false},   {"1.0.0-", false},	{"1.0.0-a..b", false},
		{"1.0.0 ", false},    {"2.0.0", false},	   {"0.5.0-dev", false}, {"10.0.0", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		char text[200];
		struct err e;

		snprintf(text, sizeof(text),
			 "{'ociVersion':'%s','root':{'path':'r'},'process':{'cwd':'/',"
			 "'args':['a']}}",
			 versions[i].version);
		cr_expect_eq(check_text(BIND_ID(oci_config), text, &e) == 0, versions[i].good,
			     "%s: %s", versions[i].version, e.text);
	}
}

Test(spec_check, checks_documents_of_their_own)
{
	struct err e;

	cr_expect_eq(check_text(BIND_ID(oci_process), "{'cwd':'/','args':['a']}", &e), 0);
	cr_expect(check_text(BIND_ID(oci_process), "{'cwd':'/'}", &e) < 0);
	cr_expect_str_eq(e.field, "args");
	cr_expect(check_text(BIND_ID(oci_process),
			     "{'cwd':'/','args':['a'],'execCPUAffinity':{'final':'x'}}", &e) < 0);
	cr_expect_str_eq(e.field, "execCPUAffinity.final");
	/* what an update leaves out stays as it is, so it is not missing */
	cr_expect_eq(check_text(BIND_ID(oci_resources), "{'memory':{'swap':9}}", &e), 0);
	cr_expect_eq(check_text(BIND_ID(oci_resources), "{'cpu':{'burst':9}}", &e), 0);
	cr_expect(check_text(BIND_ID(oci_resources), "{'memory':{'limit':-1,'swap':9}}", &e) < 0);
	cr_expect(check_text(BIND_ID(oci_resources), "{'network':{'classID':10}}", &e) < 0);
	cr_expect_str_eq(e.field, "network");
	cr_expect_eq(e.code, RT_E_UNSUPPORTED);
}

Test(spec_check, checks_a_process_that_was_put_together)
{
	static const char *const args[] = {"sh"};
	struct oci_process process = {
		.has = {.cwd = true, .args = true}, .cwd = "tmp", .args = {1, args}};
	struct bind_doc doc = {
		.schema = &rt_oci_schema,
		.object = BIND_ID(oci_process),
		.root = &process,
		.name = "exec",
	};
	struct err e = ERR_INIT;

	cr_expect(rt_check_process(&doc, NULL, &e) < 0);
	cr_expect_str_eq(e.at, "exec");
	cr_expect_str_eq(e.field, "cwd");
	process.cwd = "/tmp";
	e = ERR_INIT;
	cr_expect_eq(rt_check_process(&doc, NULL, &e), 0, "%s", e.text);
}

/* A document with mistakes is checked as far as it could be read; the first error stays. */
Test(spec_check, goes_on_after_mistakes)
{
	_cleanup_free_ char *text = quotes(
		"{'ociVersion':3,'root':{},'mounts':[{},{'destination':1}],'hooks':{'prestart':[{}]},"
		"'process':{'args':[1],'env':['A',2],'rlimits':[{},{}],'user':7},"
		"'linux':{'namespaces':[{},{'type':'x'},{'type':'user'}],'devices':[{},{}],"
		"'seccomp':{'syscalls':[{},{'names':[3]}]},'memoryPolicy':{},'sysctl':{'a':1},"
		"'netDevices':{'a':{}},'resources':{'hugepageLimits':[{},{}],'network':{"
		"'priorities':[{}]},'unified':{'b':{}}}}}");
	struct problems list = {0};
	struct err e = ERR_INIT;
	struct bind_doc doc;
	size_t before;

	cr_expect_eq(rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_config), "config.json", text,
				   strlen(text), &list, &e),
		     -EINVAL);
	before = list.n;
	cr_expect_eq(rt_check_config(&doc, &list, &e), -EINVAL);
	cr_expect(list.n > before);
	cr_expect_str_eq(e.field, "ociVersion");
	rt_bind_free(&doc);
	rt_problems_free(&list);
}

/* ---- parts ------------------------------------------------------------------------------- */

Test(spec_check, sysctl_files)
{
	static const struct {
		const char *key, *file;
		enum oci_ns ns;
	} keys[] = {
		{"net.ipv4.ip_forward", "net/ipv4/ip_forward", OCI_NS_NETWORK},
		{"net/ipv4/ip_forward", "net/ipv4/ip_forward", OCI_NS_NETWORK},
		{"net.ipv4.conf.eth0/1.mtu", "net/ipv4/conf/eth0.1/mtu", OCI_NS_NETWORK},
		{"net/ipv4/conf/eth0.1/mtu", "net/ipv4/conf/eth0.1/mtu", OCI_NS_NETWORK},
		{"kernel.sem", "kernel/sem", OCI_NS_IPC},
		{"kernel.semx", "kernel/semx", OCI_NS_ABSENT},
		{"fs.mqueue.queues_max", "fs/mqueue/queues_max", OCI_NS_IPC},
		{"fs.mqueue", "fs/mqueue", OCI_NS_ABSENT},
		{"user.max_user_namespaces", "user/max_user_namespaces", OCI_NS_USER},
		{"netx.a", "netx/a", OCI_NS_ABSENT},
		{"", NULL, 0},		 {".", NULL, 0},       {"net..ipv4", NULL, 0},
		{"net/../kernel", NULL, 0}, {"/net/a", NULL, 0}, {"net/a/", NULL, 0},
		{"net/./a", NULL, 0},	 {"net.a b", NULL, 0}, {"net.a\n", NULL, 0},
		{"net.a+b", NULL, 0},	 {"net.a=b", NULL, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char file[64];
		int r = rt_sysctl_file(keys[i].key, file, sizeof(file));

		cr_expect_eq(r, keys[i].file ? 0 : -EINVAL, "%s", keys[i].key);
		if (r < 0)
			continue;
		cr_expect_str_eq(file, keys[i].file);
		cr_expect_eq(rt_sysctl_namespace(file), keys[i].ns, "%s", file);
	}
	cr_expect_eq(rt_sysctl_file("net.core.somaxconn", (char[8]){0}, 8), -ENAMETOOLONG);
}

Test(spec_check, capability_names)
{
	const char *const names[] = {"CAP_CHOWN", "cap_kill", "CAP_FOO", "CAP_CHECKPOINT_RESTORE"};
	struct oci_capabilities c = {.bounding = {4, names}};
	struct rt_caps caps = rt_caps_from(&c, 39, NULL, NULL);

	cr_expect_eq(caps.bounding, 1ull << 0 | 1ull << 5);
	cr_expect_eq(caps.permitted | caps.effective | caps.inheritable | caps.ambient, 0);
	cr_expect_eq(rt_caps_from(NULL, 40, NULL, NULL).bounding, 0);
	for (unsigned i = 0; i <= RT_CAP_LAST; i++)
		cr_expect_eq(rt_cap_number(rt_cap_name(i)), (int)i);
	cr_expect_null(rt_cap_name(RT_CAP_LAST + 1));
}

Test(spec_check, default_configurations_are_clean)
{
	for (int rootless = 0; rootless < 2; rootless++) {
		struct err e = ERR_INIT;
		struct problems list = {0};
		struct strbuf b = {0};
		struct bind_doc doc;

		if (rootless)
			cr_assert_eq(rt_default_config_rootless(1000, 1001, &b, &e), 0);
		else
			cr_assert_eq(rt_default_config(&b, &e), 0);
		cr_assert_eq(rt_bind_parse(&doc, &rt_oci_schema, BIND_ID(oci_config), "c", b.s,
					   b.len, &list, &e),
			     0, "%s: %s", e.field, e.text);
		cr_expect_eq(rt_check_config(&doc, &list, &e), 0, "%s: %s", e.field, e.text);
		cr_expect_eq(list.n, 0);
		cr_expect_eq(strstr(b.s, "\"hostID\": 1001") != NULL, rootless);
		cr_expect_eq(strstr(b.s, "\"type\": \"network\"") == NULL, rootless);
		cr_expect_eq(strstr(b.s, "gid=5") == NULL, rootless);
		rt_bind_free(&doc);
		rt_problems_free(&list);
		strbuf_free(&b);
	}
}
