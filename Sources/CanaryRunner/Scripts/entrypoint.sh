fail() { echo "canary: $1" >&2; exit 99; }
command -v setsid >/dev/null || { echo 'canary: the image has no setsid' >&2; exit 127; }
cd /canary/.build || fail 'no build folder'
[ -p /canary/.run/orders ] || fail 'no pipes'
exec </dev/null 3</canary/.run/orders 4>/canary/.run/answers 5</canary/.run/signals >/canary/.run/output 2>&1
run_stage=$1
shift
# The first process of a container gets no other signal from within: this one is the end.
trap 'exit 98' USR1
{
    while read -r signal stage <&5; do kill -s "$signal" -- "-$stage"; done
    kill -s USR1 1
} 3<&- 4>&- >/dev/null 2>&1 &
oom_kills() {
    for counts in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
        [ -r "$counts" ] && while read -r name count; do
            [ "$name" = oom_kill ] && echo "$count"
        done <"$counts"
    done
}
echo hello >&4
number=0
stages=
for word; do
    if [ -z "$stages" ]; then
        [ "$word" != -- ] || stages=here
        continue
    fi
    number=$((number + 1))
    read -r go <&3 || exit 0
    exec setsid /bin/sh -c "$run_stage" canary "$number" "$@" 3<&- 4>&- 5<&- &
    stage=$!
    echo "began $stage" >&4
    wait "$stage" 2>/dev/null
    status=$?
    kill -s KILL -- "-$stage" 2>/dev/null
    echo ended "$status" $(oom_kills) >&4
done
