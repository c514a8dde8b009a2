# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What scripts share that show something step by step: messages, and the program under test in `canary`. Sourced from
# the root of the repository.

bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi

# stop MESSAGE [STATUS]: ends the script, with status 1 or this one.
stop() {
    echo "${0#./}: $1" >&2
    exit "${2:-1}"
}

# say TITLE: begins a step.
say() {
    printf '\n%s== %s%s\n' "$bold" "$*" "$plain"
    step_began=$SECONDS
}
step_began=$SECONDS

# shown [TEXT]: reports what the step has shown so far.
shown() { echo "     shown ${1:+$1, }$((SECONDS - step_began)) s"; }

# value FILE EXPRESSION: the value of a Python expression, in which `document` is the JSON document of the file.
value() {
    python3 -c 'import json, sys; print(eval(sys.argv[2], {"document": json.load(open(sys.argv[1]))}))' "$@"
}

canary=$(realpath -s "${CANARY:-$(swift build --show-bin-path)/canary}")
[[ -x $canary ]] || stop "no program at \`$canary\`; hint: \`swift build\` first" 2
