engine=${CANARY_ENGINE:-}
if [ -z "$engine" ]; then
    for engine in podman docker; do
        if command -v "$engine" >/dev/null; then break; fi
    done
fi
case $engine in
podman | docker) command -v "$engine" >/dev/null || stop "${CANARY_ENGINE:-podman or docker} is not in PATH" ;;
*) say "CANARY_ENGINE is '$engine', expected podman or docker" && exit 2 ;;
esac
case $here in *[,\"]*) stop "a folder with a comma or a quote in its path cannot be mounted: $here" ;; esac
runtime=
# crun refuses machines that have both versions of control groups.
if [ "$engine" = podman ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ] &&
    [ "$(podman info --format '{{.Host.OCIRuntime.Name}}')" = crun ]; then runtime=runc; fi
