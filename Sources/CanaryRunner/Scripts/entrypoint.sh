fail() { echo "canary: $1" >&2; exit 99; }
while [ "$1" != -- ]; do unset "$1"; shift; done
shift
command -v setsid >/dev/null || { echo 'canary: the image has no setsid' >&2; exit 127; }
cd "$CANARY_BUILD" || fail 'no build folder'
[ -p /canary/.run/orders ] || fail 'no pipes'
exec </dev/null 3</canary/.run/orders 4>/canary/.run/answers 5</canary/.run/signals >/canary/.run/output 2>&1
main=$$
{
    while read -r signal stage <&5; do kill -s "$signal" -- "-$stage"; done
    kill -s KILL "$main"
} 3<&- 4>&- >/dev/null 2>&1 &
oom_kills() {
    for counts in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
        [ -r "$counts" ] && while read -r name count; do
            [ "$name" = oom_kill ] && echo "$count"
        done <"$counts"
    done
}
echo hello >&4
for script; do
    read -r go <&3 || exit 0
    {
        # Who asks for too much memory shall be a stage, never this script.
        { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
        exec setsid /bin/sh -eu -c "$script"
    } 3<&- 4>&- 5<&- &
    stage=$!
    echo "began $stage" >&4
    wait "$stage" 2>/dev/null
    status=$?
    kill -s KILL -- "-$stage" 2>/dev/null
    echo ended "$status" $(oom_kills) >&4
done
