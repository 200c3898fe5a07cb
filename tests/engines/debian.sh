# shellcheck shell=bash disable=SC2016 # single quotes: for the container's shell
# A real userland in podman's containers: Debian's essential packages, with bash, perl, dpkg, coreutils
# and util-linux. Not part of CI: the image comes from Debian's mirror, once.

# shellcheck source=tests/engines/podman.sh
. "$here/podman.sh"
image=localhost/debian

engine_start()
{
	configure_podman overlay
	# shellcheck disable=SC2154 # from tests/engines/run
	podman image exists $image || podman import "$debian" $image
}

test_programs()
{
	works run -- bash -c 'echo "$0 ${BASH_VERSION%%.*} $((6 * 7))"'
	prints 'bash ? 42'
	works run -- perl -e 'printf "%d %s\n", $$, join ",", map { $_ * 2 } 1 .. 3'
	prints '1 2,4,6'
	works run -- dpkg-query -W -f '${Status} ${Essential}\n' dpkg
	prints 'install ok installed yes'
	works run -- findmnt -n -o FSTYPE /proc
	prints proc
	works run -- lscpu -J
	prints '*Architecture*'
}

test_terminal()
{
	with_terminal podman run --rm -it --network none $image bash -c "$on_terminal; exit 3"
	equal 'the exit status' "$status" 3
	says '*typed on a terminal*'
}

# Maintainer scripts, fsync and renames of dpkg, ownership of what it unpacks.
package='set -e
mkdir -p /p/DEBIAN /p/opt/thing
printf "Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: me\nDescription: thing\n" >/p/DEBIAN/control
printf "#!/bin/sh\necho \"\$1\" >/opt/thing/configured\n" >/p/DEBIAN/postinst
chmod 755 /p/DEBIAN/postinst
echo data >/p/opt/thing/file
chown 33:33 /p/opt/thing/file
dpkg-deb --build /p /p.deb >/dev/null
dpkg --install /p.deb >/dev/null 2>&1'

test_package()
{
	works run -- bash -c "$package"'
		cat /opt/thing/configured
		stat -c %U /opt/thing/file
		dpkg --verify thing
		rm /opt/thing/configured
		dpkg --purge thing >/dev/null 2>&1
		ls -d /opt/thing 2>/dev/null || echo gone'
	prints $'configure\nwww-data\ngone'
}

test_build()
{
	mkdir -p "$world/context"
	printf '%s\n' "$package" >"$world/context/package"
	printf 'FROM %s\nCOPY package /package\nRUN bash /package\nUSER daemon\nCMD cat /opt/thing/file && id -un\n' $image \
		>"$world/context/Containerfile"
	works podman build --runtime "$engine_runtime" --network none --tag localhost/thing "$world/context"
	works podman run --rm --network none localhost/thing
	prints $'data\ndaemon'
	works podman image rm localhost/thing
}

test_users()
{
	works run -- su -s /bin/sh daemon -c 'id -un'
	prints daemon
	works run -- setpriv --reuid 33 --regid 33 --clear-groups --bounding-set -all sh -c \
		'id -un; grep -c "^CapBnd:.0*$" /proc/self/status'
	prints $'www-data\n1'
	works run --user www-data -- sh -c 'id -un; touch /var/x 2>/dev/null || echo refused'
	prints $'www-data\nrefused'
}

test_processes()
{
	works run -- perl -e 'for (1 .. 200) { my $p = fork; exit 0 if !$p; waitpid $p, 0; $n++ if !$? } print $n'
	prints 200
	works run -- bash -c 'for i in $(seq 50); do sleep 0.1 & done; wait; seq 100000 | sort -rn | head -n 1'
	prints 100000
	exits 7 run --init -- bash -c 'setsid sleep 0.1 & trap "echo got; exit 7" TERM; kill -TERM $$; sleep 1'
}
