# Completion of shakedown for bash. Verbs, options and names come from the program itself.
_shakedown()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=$1
    local verb=${COMP_WORDS[1]} words=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        words=$("$program" --help 2>/dev/null | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$words --help --version" -- "$word")
        return
    fi
    case $before in
    -o | --output | -k | --keylog | --key | -p | --pcap)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return ;;
    -t | --trace) words="msg fields bytes keys" ;;
    -f | --format) words="txt json dot svg png pdf pcapng keylog" ;;
    -l | --layout) words="slide tall" ;;
    --client | --server) words="openssl gnutls shakedown" ;;
    esac
    if [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
        return
    fi
    if [[ $verb == read && $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    fi
    if [[ $word == -* ]]; then
        words=$("$program" "$verb" --help 2>/dev/null | grep -o -e '--[a-z0-9]*' | sort -u)
    elif [[ $verb == list || $verb == new ]]; then
        words=
    elif [[ $word == */* ]]; then
        words=$("$program" list --cases 2>/dev/null | sed -n 's/^    //p')
    else
        words=$("$program" list --names 2>/dev/null)
        [[ $verb == show ]] && words+=" $("$program" show --names 2>/dev/null)"
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [[ $word != -* && $verb != list ]]; then
        local files
        mapfile -t files < <(compgen -f -X '!*.scn' -- "$word"; compgen -d -S / -- "$word")
        COMPREPLY+=("${files[@]}")
    fi
}
complete -o filenames -F _shakedown shakedown
