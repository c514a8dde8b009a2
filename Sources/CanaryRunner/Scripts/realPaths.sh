for path; do
    [ -e "$path" ] && printf '%s\0%s\0' "$path" "$(readlink -f -- "$path")"
done
exit 0
