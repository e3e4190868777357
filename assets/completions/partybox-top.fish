# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_partybox_top_global_optspecs
    string join \n profile= region= cluster= database= endpoint-url= read-only record= ascii no-color probe= target-rto= config= h/help V/version
end

function __fish_partybox_top_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_partybox_top_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_partybox_top_using_subcommand
    set -l cmd (__fish_partybox_top_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c partybox-top -n "__fish_partybox_top_needs_command" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -s V -l version -d 'Print version'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "demo" -d 'Open the screen on a simulated account: nothing to configure, nothing to pay'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "sim" -d 'Serve a simulated account on loopback, for any AWS client'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "watch" -d 'Follow the newest rollout of a service to its verdict; exits 0 only for "succeeded"'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "scale" -d 'Scale a service: plan, checks, confirmation'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "redeploy" -d 'Redeploy a service: force a new deployment, or deploy another image'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "rollback" -d 'Roll a service back: the rollout in flight, else to the revision before'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "stop" -d 'Stop a task; its service starts another'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "drill" -d 'Fail a database over and measure the outage; exits 0 only within the target'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "drills" -d 'List the drills of the past, with their recovery times as a trend'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "log" -d 'Show the audit log: every operation that was sent from this account of this machine, and what became of it'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "replay" -d 'Show a recorded session on the same screen: pause, seek, other speeds. Nothing is ever sent'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "status" -d 'Look once, print how it is, and exit: 0 healthy, 1 degraded, 2 could not look, 3 critical'
complete -c partybox-top -n "__fish_partybox_top_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l scenario -d 'Which story; an unknown name lists them all' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l estate -d 'Which account: a built-in estate or a file (docs/estates.md); an unknown name lists them' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l speed -d 'Simulated seconds per second' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l seed -d 'The same seed tells the same story' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand demo" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l listen -d 'Address to listen on; port 0 takes any free one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l scenario -d 'Which story; an unknown name lists them all' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l estate -d 'Which account: a built-in estate or a file (docs/estates.md); an unknown name lists them' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l speed -d 'Simulated seconds per second' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l seed -d 'The same seed tells the same story' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand sim" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l timeout -d 'Give up after this long, e.g. 90s, 15m, 1h' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l json -d 'One JSON object per change'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand watch" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l dry-run -d 'Print the plan and its checks, send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l yes -d 'Do not ask; required without a terminal'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l wait -d 'Follow it to its verdict'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l json -d 'Print JSON, one object a line'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand scale" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l image -d 'Tag or digest in the service\'s own repository: registers a revision pinned to it' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l container -d 'Container that gets the image, where several could be meant [default: the one that the load balancer sends to, else the essential one with a port]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l dry-run -d 'Print the plan and its checks, send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l yes -d 'Do not ask; required without a terminal'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l wait -d 'Follow it to its verdict'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l json -d 'Print JSON, one object a line'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand redeploy" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l dry-run -d 'Print the plan and its checks, send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l yes -d 'Do not ask; required without a terminal'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l wait -d 'Follow it to its verdict'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l json -d 'Print JSON, one object a line'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand rollback" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l dry-run -d 'Print the plan and its checks, send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l yes -d 'Do not ask; required without a terminal'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l wait -d 'Follow it to its verdict'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l json -d 'Print JSON, one object a line'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand stop" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l probe-interval -d 'From one request of the probe to the next [default: 200ms]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l probe-timeout -d 'A request without its whole answer by then is lost [default: 2s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l expect-status -d 'HTTP status of a good answer [default: 200-299]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l expect-body -d 'Text that a good answer contains' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l baseline -d 'How long the probe runs before the failover is sent' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l for -d 'How long to watch for it' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l report -d 'Folder that gets the report, in a folder named after the drill' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l observe -d 'Record a failover that somebody else triggers; send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l yes -d 'Do not ask; required without a terminal'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l dry-run -d 'Probe for the baseline, print the plan and its checks, send nothing'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l json -d 'Print the record as JSON at the end'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drill" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l json -d 'Print JSON instead of text'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand drills" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l json -d 'Print the JSON lines as they are'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand log" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l speed -d 'Times the recorded speed, 0.25 to 64' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l at -d 'Where to begin: seconds into it (90s, 15m), a time of day (14:03:20, UTC) or a moment (2026-05-01T14:03:20Z)' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand replay" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l timeout -d 'Give up after this many seconds' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l profile -d 'Profile of the AWS configuration [env: `AWS_PROFILE`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l region -d 'Region [env: `AWS_REGION`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l cluster -d 'ECS cluster; found by itself when there is only one' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l database -d 'Its databases: identifiers of DB instances or clusters with commas between them, or `none`; found by themselves unless set' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l endpoint-url -d 'Endpoint to use instead of AWS\'s own [env: `AWS_ENDPOINT_URL`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l record -d 'Write the session to a new file, for partybox-top replay' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l probe -d 'URL that a failover drill probes; the application answers it with the database\'s help [default: the load balancer\'s `/api/health`]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l target-rto -d 'Recovery time that a failover drill is to reach, e.g. 90s [default: 120s]' -r
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l config -d 'Settings [default: `$XDG_CONFIG_HOME/partybox-top/config.toml`]' -r -F
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l json -d 'Print JSON instead of text'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l read-only -d 'Refuse every action'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l ascii -d 'Draw with ASCII characters only'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -l no-color -d 'No colours [env: `NO_COLOR`]'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand status" -s h -l help -d 'Print help'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "demo" -d 'Open the screen on a simulated account: nothing to configure, nothing to pay'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "sim" -d 'Serve a simulated account on loopback, for any AWS client'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "watch" -d 'Follow the newest rollout of a service to its verdict; exits 0 only for "succeeded"'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "scale" -d 'Scale a service: plan, checks, confirmation'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "redeploy" -d 'Redeploy a service: force a new deployment, or deploy another image'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "rollback" -d 'Roll a service back: the rollout in flight, else to the revision before'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "stop" -d 'Stop a task; its service starts another'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "drill" -d 'Fail a database over and measure the outage; exits 0 only within the target'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "drills" -d 'List the drills of the past, with their recovery times as a trend'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "log" -d 'Show the audit log: every operation that was sent from this account of this machine, and what became of it'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "replay" -d 'Show a recorded session on the same screen: pause, seek, other speeds. Nothing is ever sent'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "status" -d 'Look once, print how it is, and exit: 0 healthy, 1 degraded, 2 could not look, 3 critical'
complete -c partybox-top -n "__fish_partybox_top_using_subcommand help; and not __fish_seen_subcommand_from demo sim watch scale redeploy rollback stop drill drills log replay status help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
