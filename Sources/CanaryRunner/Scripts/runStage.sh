# NUMBER VARIABLE=VALUE... -- SCRIPT...: runs the script of that number with these variables and no others.
#
# Who asks for too much memory shall be a stage, never the driver.
{ echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
number=$1
shift
exported() {
    export -p | while IFS= read -r line; do
        case $line in 'export '*) line=${line#export } ;; 'declare -x '*) line=${line#declare -x } ;; *) continue ;; esac
        name=${line%%=*}
        case $name in *[!A-Za-z0-9_]*) ;; *) echo "$name" ;; esac
    done
}
for name in $(exported); do command unset "$name" 2>/dev/null; done
while [ "$1" != -- ]; do
    name=${1%%=*}
    case $name in '' | [0-9]* | *[!A-Za-z0-9_]*) ;; *) command export "$1" ;; esac
    shift
done
shift "$number"
exec /bin/sh -eu -c "$1"
