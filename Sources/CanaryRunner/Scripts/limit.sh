# limit NAME MOST: our own limit, soft and hard, because podman would ask for more than it may have.
limit() {
    [ -r /proc/self/limits ] || return 0
    while read -r line; do
        case $line in "$1 "*) ;; *) continue ;; esac
        set -- "$2" ${line#"$1"}
        soft=$2 hard=$3
        if [ "$soft" = unlimited ] || [ "$soft" -gt "$1" ]; then soft=$1; fi
        if [ "$hard" = unlimited ] || [ "$hard" -gt "$1" ]; then hard=$1; fi
        echo "$soft:$hard"
        return
    done </proc/self/limits
}
