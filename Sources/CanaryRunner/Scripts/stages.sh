cd "$CANARY_BUILD"
unset OLDPWD
open=$1 terminal=$2
shift 2
while [ $# -gt 0 ] && [ "$1" != "$open" ]; do
    echo "canary: $CANARY_PROJECT: $1" >&2
    /bin/sh -eu -c "$2" </dev/null || {
        status=$?
        echo "canary: $CANARY_PROJECT: $1 ended with $status" >&2
        exit "$status"
    }
    shift 2
done
[ -n "$open" ] || exit 0
if [ $# -gt 0 ]; then
    printf "%s\n" "$2" >"$HOME/stage"
    echo "canary: $CANARY_PROJECT: a shell before the stage $1; to run it: sh -eu ~/stage" >&2
else
    echo "canary: $CANARY_PROJECT: a shell after the last stage" >&2
fi
export TERM="$terminal"
shell=$(command -v bash) || shell=/bin/sh
exec "$shell" -i
