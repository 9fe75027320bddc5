# fish completion for sigpolicy(1). tests/completion.t holds its verbs and options against those of the command.

# The verb before the cursor and its arguments, without options and their values.
function __sigpolicy_words
    set -l words (commandline -opc)
    set -l value_follows
    for word in $words[2..]
        if test -n "$value_follows"
            set value_follows
            continue
        end
        switch $word
            case --policy --registries.d --override-arch --override-os --override-variant --command-timeout --clock \
                --authfile --creds --cert-dir --registries-conf --image-timeout \
                --batch --jobs -j --manifest --signature --signature-dir --reference --as --format --public-key-file \
                --output -o --passphrase-file --transport --type -t --key --identity --rekor-key --fulcio-ca --fulcio-issuer \
                --fulcio-email --pki-roots --pki-intermediates --pki-email --pki-hostname --lookaside --signature-policy \
                --policypath --registrypath --pubkeysfile -f
                set value_follows yes
            case '-*'
            case '*'
                echo -- $word
        end
    end
end

# Whether the verb is one of these.
function __sigpolicy_verb
    set -l words (__sigpolicy_words)
    test (count $words) -gt 0; and contains -- $words[1] $argv
end

# __sigpolicy_argument VERB NUMBER...: whether this word is one of these arguments of the verb.
function __sigpolicy_argument
    set -l words (__sigpolicy_words)
    test (count $words) -gt 0; and test $words[1] = $argv[1]; and contains -- (count $words) $argv[2..]
end

# Image names, up to where only their owner knows how they go on.
function __sigpolicy_images
    set -l token (commandline -ct)
    set -l transport (string match -r '^[a-z-]+:' -- $token)
    set -l rest (string replace -r '^[a-z-]+:' '' -- $token)
    switch "$transport"
        case dir: oci:
            __fish_complete_directories $rest | string replace -r '^' $transport
        case oci-archive: docker-archive: sif: tarball:
            __fish_complete_path $rest | string replace -r '^' $transport
        case '*'
            printf '%s\n' atomic: containers-storage: dir: docker:// docker-archive: docker-daemon: oci: oci-archive: \
                ostree: sif: tarball:
    end
end

# The command of "run": what stands behind the image, or behind the options when there is a manifest in hand.
function __sigpolicy_run_command
    set -l words (__sigpolicy_words)
    test (count $words) -gt 0; and test $words[1] = run; or return 1
    string match -qr -- '^--manifest(=|$)' (commandline -opc); and return 0
    test (count $words) -gt 1
end
function __sigpolicy_complete_command
    set -l words (__sigpolicy_words)
    set -l skip 3
    string match -qr -- '^--manifest(=|$)' (commandline -opc); and set skip 2
    complete -C (string join ' ' -- (string escape -- $words[$skip..]) (commandline -ct))
end

complete -c sigpolicy -f

complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a verify -d 'decide whether an image may be used'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a run -d 'verify an image, and run a command with it'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a explain -d 'say what the policy asks of a name'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a diff -d 'say what changes between two policies'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a trust -d 'show who is trusted for what, and change it'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a image -d 'trust in podmans spelling'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a audit -d 'find what is wrong with the policy of this host'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a signatures -d 'list what is stored with an image'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a standalone-verify -d 'verify one signature by fingerprint'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a standalone-sign -d 'make one simple signature'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a manifest-digest -d 'print the digest of a manifest'
complete -c sigpolicy -n 'not count (__sigpolicy_words) >/dev/null' -a untrusted-signature-dump-without-verification -d 'print what a signature claims'

# Arguments.
function __sigpolicy_scopes
    echo default
    sigpolicy trust show --noheading 2>/dev/null | string replace -rf '^repository +(\S+).*' '$1'
end
complete -c sigpolicy -n '__sigpolicy_argument trust 1' -a 'show set unset init'
complete -c sigpolicy -n '__sigpolicy_argument trust 2; or __sigpolicy_argument image 3' -a '(__sigpolicy_scopes)'
complete -c sigpolicy -n '__sigpolicy_argument image 1' -a trust
complete -c sigpolicy -n '__sigpolicy_argument image 2' -a 'show set'
complete -c sigpolicy -n '__sigpolicy_verb verify' -a '(__sigpolicy_images)'
complete -c sigpolicy -n '__sigpolicy_argument explain 1; or __sigpolicy_argument signatures 1' -a '(__sigpolicy_images)'
complete -c sigpolicy -n '__sigpolicy_argument run 1; and not __sigpolicy_run_command' -a '(__sigpolicy_images)'
complete -c sigpolicy -n __sigpolicy_run_command -a '(__sigpolicy_complete_command)'
complete -c sigpolicy -n '__sigpolicy_argument standalone-verify 1 4; or __sigpolicy_argument standalone-sign 1' -F
complete -c sigpolicy -n '__sigpolicy_argument diff 1 2; or __sigpolicy_verb audit' -F
complete -c sigpolicy -n '__sigpolicy_argument manifest-digest 1' -F
complete -c sigpolicy -n '__sigpolicy_argument untrusted-signature-dump-without-verification 1' -F

# Options that every verb takes.
complete -c sigpolicy -l policy -r -F -d 'the policy, instead of that of the host'
complete -c sigpolicy -l insecure-policy -d 'accept anything, read no policy'
complete -c sigpolicy -l require-signed -d 'reject what the policy accepts without a signature'
complete -c sigpolicy -l registries.d -x -a '(__fish_complete_directories)' -d 'where signatures are stored'
complete -c sigpolicy -l override-arch -x -a 'amd64 arm arm64 ppc64le riscv64 s390x' -d 'architecture chosen from a list'
complete -c sigpolicy -l override-os -x -a 'linux windows' -d 'operating system chosen from a list'
complete -c sigpolicy -l override-variant -x -d 'variant chosen from a list'
complete -c sigpolicy -l command-timeout -x -d 'give up after this time, such as 90s'
complete -c sigpolicy -l image-timeout -x -d 'give up what the servers of an image do not answer in this time'
complete -c sigpolicy -l debug -d 'say what is done'
complete -c sigpolicy -l offline -d 'never use a network'
complete -c sigpolicy -l clock -x -d 'judge as of this RFC 3339 time'
complete -c sigpolicy -l authfile -r -F -d 'credentials for registries'
complete -c sigpolicy -l creds -x -d 'user:password for the registry of the image'
complete -c sigpolicy -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates for registries'
complete -c sigpolicy -l tls-verify -d 'check the certificates of registries'
complete -c sigpolicy -l registries-conf -r -F -d 'where images are fetched from'
complete -c sigpolicy -s h -l help -d 'say how it is used'

# Options of some verbs.
complete -c sigpolicy -n '__sigpolicy_verb verify run explain diff signatures' -l format -x -a 'text json jsonl' -d 'how the answer is written'
complete -c sigpolicy -n '__sigpolicy_verb verify run explain audit diff signatures' -s q -l quiet -d 'only the exit status'
complete -c sigpolicy -n '__sigpolicy_verb verify run explain audit diff signatures' -s v -l verbose -d 'every requirement and signature'
complete -c sigpolicy -n '__sigpolicy_verb verify run signatures' -l manifest -r -F -d 'judge this manifest, without an image'
complete -c sigpolicy -n '__sigpolicy_verb verify run signatures' -l signature -r -F -d 'a stored signature'
complete -c sigpolicy -n '__sigpolicy_verb verify run signatures' -l signature-dir -x -a '(__fish_complete_directories)' -d 'a directory of signature-1, ...'
complete -c sigpolicy -n '__sigpolicy_verb verify run signatures' -l reference -x -a docker:// -d 'the name that it is judged by'
complete -c sigpolicy -n '__sigpolicy_verb verify run signatures' -l as -x -a docker:// -d 'the name that it is judged by'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l print-ref -d 'print name@digest when accepted'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l warn-only -d 'exit with 0 although rejected'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l all-platforms -d 'a list of images, and each that it names'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l batch -r -F -d 'judge an image for each line of a file'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l all-local -d 'judge every image of podman\'s storage'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l containers -d 'judge the images of podman\'s containers'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l as-pulled -d 'by docker:// scopes'
complete -c sigpolicy -n '__sigpolicy_verb verify' -l as-stored -d 'by containers-storage: scopes'
complete -c sigpolicy -n '__sigpolicy_verb verify' -s j -l jobs -x -d 'lines judged at a time'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l format -x -a 'text json jsonl sarif junit github prom' -d 'how the findings are written'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l root -x -a '(__fish_complete_directories)' -d 'the host whose / this is'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l severity -x -a 'info low medium high critical' -d 'report nothing below'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l fail-on -x -a 'info low medium high critical' -d 'the least severity that fails'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l disable -x -d 'do not ask for a rule'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l suppressions -r -F -d 'findings that are answered for'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l baseline -r -F -d 'findings that were there before'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l write-baseline -r -F -d 'write those that are there'
complete -c sigpolicy -n '__sigpolicy_verb audit' -l list-rules -d 'every rule there is'
complete -c sigpolicy -n '__sigpolicy_verb diff' -l references -r -F -d 'also compare these images'
complete -c sigpolicy -n '__sigpolicy_verb diff' -l fail-on -x -a 'looser different' -d 'the least change that fails'
complete -c sigpolicy -n '__sigpolicy_verb standalone-verify' -l public-key-file -r -F -d 'keys to use instead of the keyring of the user'
complete -c sigpolicy -n '__sigpolicy_verb standalone-sign' -s o -l output -r -F -d 'where the signature goes'
complete -c sigpolicy -n '__sigpolicy_verb standalone-sign' -l passphrase-file -r -F -d 'the passphrase of the key'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l user -d 'the policy of the user'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l system -d 'the policy of the system'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l transport -x -a 'atomic containers-storage dir docker docker-archive docker-daemon oci oci-archive ostree sif tarball' -d 'the transport of the scope'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l dry-run -d 'only show the change'
complete -c sigpolicy -n '__sigpolicy_verb trust image' -s j -l json -d 'show JSON'
complete -c sigpolicy -n '__sigpolicy_verb trust image' -l raw -d 'show the file'
complete -c sigpolicy -n '__sigpolicy_verb trust image' -s n -l noheading -d 'show no heading'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l details -d 'keys, signers, expiry'
complete -c sigpolicy -n '__sigpolicy_verb trust image' -s t -l type -x -a 'accept reject signedBy sigstoreSigned' -d 'what is required'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l key -r -F -d 'a key file'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l any -d 'any of the keys is enough'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l all -d 'all keys must have signed'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l identity -x -a 'matchExact matchRepoDigestOrExact matchRepository exactReference= exactRepository= remapIdentity=' -d 'what a signature must say of the image'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l rekor-key -r -F -d 'the key of a log'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l fulcio-ca -r -F -d 'certificates of a Fulcio'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l fulcio-issuer -x -d 'who vouched for the signer'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l fulcio-email -x -d 'the signer'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l pki-roots -r -F -d 'certificates of a CA'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l pki-intermediates -r -F -d 'more certificates'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l pki-email -x -d 'the signer'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l pki-hostname -x -d 'the signer'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l lookaside -x -d 'where signatures are stored'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l attachments -d 'look for sigstore attachments'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l reject-all -d 'begin with rejecting everything'
complete -c sigpolicy -n '__sigpolicy_verb trust' -l accept-all -d 'begin with accepting everything'
complete -c sigpolicy -n '__sigpolicy_verb image' -l signature-policy -r -F -d 'the policy'
complete -c sigpolicy -n '__sigpolicy_verb image' -l policypath -r -F -d 'the policy'
complete -c sigpolicy -n '__sigpolicy_verb image' -l registrypath -x -a '(__fish_complete_directories)' -d 'where signatures are stored'
complete -c sigpolicy -n '__sigpolicy_verb image' -s f -l pubkeysfile -r -F -d 'a key file'
