cd "$1" 2>/dev/null || exit 0
shift
IFS=
for glob; do
    for name in $glob; do
        path=$(readlink -f -- "$name") || continue
        if [ -d "$path" ]; then printf 'd%s\0' "$path"; elif [ -e "$path" ]; then printf 'f%s\0' "$path"; fi
    done
done
exit 0
