# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What `scripts/real` and `scripts/real-family` share: Debian's source packages as git repositories in `$folder/forge`,
# and the image their builds run in. Sourced after `steps.sh`; the first argument of the script names the folder.

mkdir -p "${1:-.build-real}"
folder=$(cd "${1:-.build-real}" && pwd)

# --- the sources ------------------------------------------------------------------------------------------------------

# apt with lists and sources of its own: no file of the system is touched.
private_apt() {
    local program=$1
    shift
    "$program" -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/apt/sources" \
        -o Dir::State::lists="$folder/apt/lists" -o APT::Sandbox::User=root "$@"
}

# Reads the index of Debian's source packages, from the mirror this machine uses.
update_index() {
    local mirror
    [[ -e $folder/apt/updated ]] && return
    # shellcheck disable=SC2016  # apt's words, not the shell's
    mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
        awk '$2 == "bookworm" { print $1; exit }') || true
    [[ -n $mirror ]] || stop "apt names no mirror of bookworm; hint: \`apt-get update\` first" 3
    mkdir -p "$folder/apt/sources" "$folder/apt/lists/partial"
    cat >"$folder/apt/sources/debian.sources" <<END
Types: deb-src
URIs: $mirror
Suites: bookworm trixie
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
    private_apt apt-get -qq update || stop "cannot read Debian's index of source packages" 3
    touch "$folder/apt/updated"
}

# tarball PROJECT VERSION: the upstream tarball that was fetched, unchanged or as Debian repacked it (`+dfsg`).
tarball() { compgen -G "$folder/tar/$1_$2.orig.tar.*" || compgen -G "$folder/tar/$1_$2+*.orig.tar.*"; }

# fetch PROJECT VERSION: the upstream tarball, once.
fetch() {
    local project=$1 version=$2 package
    tarball "$project" "$version" >/dev/null && return
    update_index
    package=$(private_apt apt-cache showsrc "$project" | awk -v v="$version" '/^Version:/ && index($2, v) == 1 {
        if (substr($2, length(v) + 1) ~ /^[-+]/) { print $2; exit } }')
    [[ -n $package ]] || stop "Debian's index has no \`$project\` $version" 3
    mkdir -p "$folder/tar"
    (cd "$folder/tar" && private_apt apt-get -qq source --only-source --download-only --tar-only "$project=$package") ||
        stop "Debian's mirror does not serve \`$project=$package\`" 3
}

# --- the repositories -------------------------------------------------------------------------------------------------

export GIT_AUTHOR_NAME='A. Maintainer' GIT_AUTHOR_EMAIL=maintainer@canary.invalid
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL

dated() { GIT_AUTHOR_DATE=$1 GIT_COMMITTER_DATE=$1 "${@:2}"; }

# import REPOSITORY TARBALL VERSION DATE: one commit on main, with the tag vVERSION.
import() {
    local repository=$1 tarball=$2 version=$3 date=$4 tree parent commit
    local work=$repository.work
    rm -rf "$work" "$repository/index"
    mkdir "$work"
    tar -xf "$tarball" -C "$work" --strip-components=1
    git --git-dir "$repository" --work-tree "$work" add --all --force .
    tree=$(git --git-dir "$repository" write-tree)
    parent=$(git --git-dir "$repository" rev-parse --quiet --verify refs/heads/main || true)
    # shellcheck disable=SC2086  # no parent, no argument
    commit=$(dated "$date" git --git-dir "$repository" commit-tree ${parent:+-p $parent} -m "Release $version" "$tree")
    git --git-dir "$repository" update-ref refs/heads/main "$commit"
    dated "$date" git --git-dir "$repository" -c tag.gpgSign=false tag -a -m "Release $version" "v$version" "$commit"
    rm -rf "$work" "$repository/index"
}

# repository PROJECT VERSION...: the versions as commits of a bare repository, oldest first; main is at the last.
repository() {
    local project=$1 path=$folder/forge/$1.git version day=1
    shift
    if [[ ! -e $path ]]; then
        rm -rf "$path".*
        mkdir -p "$folder/forge"
        git init --quiet --bare --initial-branch=main "$path.new"
        for version in "$@"; do
            fetch "$project" "$version"
            import "$path.new" "$(tarball "$project" "$version")" "$version" "2026-01-0${day}T00:00:00Z"
            day=$((day + 1))
        done
        mv "$path.new" "$path"
    fi
    git --git-dir "$path" update-ref refs/heads/main "v${!#}^{commit}"
    # The branch of OpenVDB has this name.
    git --git-dir "$path" symbolic-ref refs/heads/master refs/heads/main
}

# edit PROJECT DATE SUBJECT [FILE SED-SCRIPT]...: a commit on main, without a work tree.
edit() {
    local repository=$folder/forge/$1.git date=$2 subject=$3 blob tree commit
    shift 3
    local -x GIT_DIR=$repository GIT_INDEX_FILE=$repository/edit.index
    git read-tree main
    while (($#)); do
        blob=$(git cat-file blob "main:$1" | sed "$2" | git hash-object -w --stdin)
        [[ $blob != "$(git rev-parse "main:$1")" ]] || stop "the edit \`$subject\` does not change \`$1\`"
        git update-index --cacheinfo "100644,$blob,$1"
        shift 2
    done
    tree=$(git write-tree)
    commit=$(dated "$date" git commit-tree -p main -m "$subject" "$tree")
    git update-ref refs/heads/main "$commit"
    rm -f "$GIT_INDEX_FILE"
}

head_of() { git --git-dir "$folder/forge/$1.git" rev-parse "${2:-main}^{commit}"; }

# --- the image --------------------------------------------------------------------------------------------------------

# stand_in NAME PACKAGE...: Debian's stand-in for a ci-vfxall image, with these packages; kept by podman once made.
stand_in() {
    podman image exists "$1" && return
    say "Debian's stand-in for a ci-vfxall image: $1"
    containers/local/build-image "$folder/stand-in" "${@:2}"
    skopeo copy --quiet "oci:$folder/stand-in:1" "containers-storage:$1"
    rm -rf "$folder/stand-in"
    shown
}

# contained STACK VARIANT REFERENCE PROJECT...: a stack with one variant, in that image, of the family's manifests.
contained() {
    local project
    rm -rf "$1"
    mkdir -p "$1/projects"
    for project in "${@:4}"; do
        # Without the settings of variants that this stack does not have.
        sed "/^  vfx[0-9]*:/{/^  $2:/!d}" "manifests/projects/$project.yaml" |
            sed 'N;/^per-variant:\n[^ ]/s/^[^\n]*\n//;P;D' >"$1/projects/$project.yaml"
    done
    printf 'stack: containers\nimages: images.yaml\nvariants: {%s: {image: stand-in}}\n' "$2" >"$1/stack.yaml"
    printf 'stand-in: {reference: "%s", year: 2026}\n' "$3" >"$1/images.yaml"
}
