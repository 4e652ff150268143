# Boots systemd in namespaces of its own, on a view of this machine's files that is thrown away: what it writes is kept in
# memory, /tmp, /run and /dev are its own. The network is this machine's, for the loopback address.
# Called as: sh machine.sh FOLDER NAME, as root. FOLDER is empty.
set -eu
folder=$1 name=$2

# Its control groups lie below one that can be removed, whichever version the kernel runs.
groups=
for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    if [ -w "$root/cgroup.procs" ]; then
        mkdir "$root/$name"
        echo $$ >"$root/$name/cgroup.procs"
        groups="$groups $root"
    fi
done

exec unshare --pid --fork --kill-child --mount --cgroup --uts --ipc sh -eu -c '
folder=$1 groups=$2
mount --make-rprivate /
mount -t tmpfs -o mode=755 machine "$folder"
mkdir "$folder/upper" "$folder/work" "$folder/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
mount -t proc proc proc
# Settings of the kernel are everybody'"'"'s.
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs shm dev/shm
case $groups in
*systemd*)
    mount -t tmpfs -o mode=755 groups sys/fs/cgroup
    mkdir sys/fs/cgroup/unified sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd systemd sys/fs/cgroup/systemd
    ;;
*)
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    ;;
esac
# Nothing that is installed here starts there by itself.
rm -f etc/systemd/system/*.wants/*
: >etc/machine-id
mkdir -p .outside
pivot_root . .outside
umount -l /.outside
exec env -i container=sluice PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=basic.target --show-status=false
' sh "$folder" "$groups"
