namespace Flyball.Step.Recording;

/// <summary>The usage text of recording commands.</summary>
internal static class RecordUsage
{
    /// <summary>As it is printed.</summary>
    public const string Text = """
        usage: flyball-step COMMAND …      inside a step's script; a program of such a name is wrapped by flyball-step -- NAME

          metric NAME VALUE          a measured value; its exemplar leads to the step's trace
              --type TYPE            gauge (the default), counter (added up over steps) or histogram
              --unit UNIT            s, By, %, {test}, …
              --label KEY=VALUE      a further label; may be repeated; keep their number small
              --description TEXT     what it means
          event NAME [KEY=VALUE…]    an event of the step's span
          attribute KEY=VALUE…       attributes of the step's span
          artifact FILE…             size and SHA-256 of what the step made
              --as NAME              the name its size keeps in metrics, where the file's holds a version
          span [--name NAME] -- CMD  a span below the step's; the same as flyball-step -- CMD
          span begin NAME            a span around commands of this shell: eval "$(flyball-step span begin NAME)" …
          span end [EXITCODE]        … eval "$(flyball-step span end $?)"
          context                    the trace context, to be handed on
              --format FORMAT        shell (export lines, the default), dotenv or bare (the traceparent alone)
              --to FILE              write it there

          --now                      send at once, not with the step's span
          --context FILE, --pipeline NAME, --server URL, --spool DIR, --verbose    as for steps

        exit code: 0 whatever becomes of the server; 1 a file cannot be read; 125 wrong usage

        """;
}
