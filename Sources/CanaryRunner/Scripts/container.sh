# container PROJECT GLOBS OPTION...: a container with the places of PROJECT.
container() {
    project=$1 globs=$2
    shift 2
    prepare "$project"
    : >"$here/$project/hidden"
    [ -z "$globs" ] || look "$project" "$globs"
    mkdir -p "$here/empty.folder"
    : >"$here/empty.file"
    folder=
    while IFS= read -r line; do
        # What lies in a hidden folder is hidden.
        [ -z "$folder" ] || case $line in "$folder"*) continue ;; esac
        path=${line%/ ?}
        nothing=$here/empty.file
        case $line in *d) folder=$path/ nothing=$here/empty.folder ;; esac
        set -- "--mount=type=bind,source=$nothing,destination=$path,readonly" "$@"
    done <"$here/$project/hidden"
    start "$@"
}
