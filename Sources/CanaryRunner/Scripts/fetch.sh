# fetch PROJECT ADDRESS REVISION FOLDER yes|no: PROJECT/source is FOLDER at REVISION, with submodules if `yes`.
fetch() {
    if [ -e "$here/$1/source" ]; then say "$1: uses the source in $1/source as it is"; return 0; fi
    say "$1: fetches $3"
    mkdir -p "$here/$1"
    rm -rf "$here/$1/checkout" "$here/$1/git" "$here/$1/template"
    # Each repository starts with these attributes, those of submodules too, and with no hooks or settings of a user.
    mkdir -p "$here/$1/template/info"
    printf '%s\n' "$attributes" >"$here/$1/template/info/attributes"
    (
        export GIT_TEMPLATE_DIR="$here/$1/template"
        format=
        [ ${#3} -ne 64 ] || format=--object-format=sha256
        # Submodules lie on this machine only where their project does.
        case $2 in /* | file://*) files=always ;; *) files=never ;; esac
        run_git init --quiet $format --separate-git-dir="$here/$1/git" "$here/$1/checkout" &&
            cd "$here/$1/checkout" &&
            run_git remote add -- origin "$2" && {
            # Not every server hands out single commits.
            run_git fetch --quiet --no-tags --depth=1 origin "$3" 2>/dev/null ||
                run_git fetch --quiet --tags origin '+refs/heads/*:refs/remotes/origin/*'
        } &&
            run_git checkout --quiet --detach "$3" && {
            [ "$5" = no ] ||
                run_git -c protocol.file.allow="$files" submodule --quiet update --init --recursive
        } &&
            find . -name .git -prune -exec rm -rf {} + &&
            # A link on the way to the folder would lead to something else.
            root=$(pwd -P) && CDPATH='' cd -- "$root$4" && [ "$(pwd -P)" = "$root$4" ]
    ) || stop "$1: $3 cannot be fetched from $2"
    mv "$here/$1/checkout$4" "$here/$1/source"
    rm -rf "$here/$1/checkout" "$here/$1/template"
}

# prepare PROJECT: its folders but the source, empty.
prepare() {
    for folder in build prefix home tmp; do
        rm -rf "${here:?}/$1/$folder"
        mkdir -p "$here/$1/$folder"
    done
}
