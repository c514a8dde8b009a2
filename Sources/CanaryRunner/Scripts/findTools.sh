ccache=$(command -v ccache) && printf 'c%s\0' "$ccache"
for tool in cc c++ gcc g++ clang clang++; do
    command -v "$tool" >/dev/null && printf 't%s\0' "$tool"
done
