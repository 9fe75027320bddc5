# fish completion for sigpolicy(1): the command says what may stand where.

function __sigpolicy_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l answer (sigpolicy __complete $words[2..] "$token" 2>/dev/null)
    set -l kind (string split -m 1 ' ' -- "$answer[1]")
    set -l prefix "$kind[2]"
    switch "$kind[1]"
        case words
            printf '%s\n' $answer[2..]
        case files
            __fish_complete_path (string sub -s (math 1 + (string length -- "$prefix")) -- "$token") | string replace -r '^' -- "$prefix"
        case directories
            __fish_complete_directories (string sub -s (math 1 + (string length -- "$prefix")) -- "$token") | string replace -r '^' -- "$prefix"
        case command
            complete -C (string join ' ' -- (string escape -- $words[(math 1 + $prefix)..]) "$token")
    end
end

complete -c sigpolicy -f -a '(__sigpolicy_complete)'
