# Who may not read a program's file may not look into its processes either, nor drive them: not their memory, open files
# and variables. `cp` copies the mode of the shell, 0755, without what the mask takes: 0111 is left.
umask 0644
cp /bin/sh /canary/.driver/sh || exit 127
umask 0022
exec /canary/.driver/sh -c "$@"
