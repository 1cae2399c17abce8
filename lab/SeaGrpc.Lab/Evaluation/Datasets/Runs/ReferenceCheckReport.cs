using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Lab.Evaluation.References;

namespace SeaGrpc.Lab.Evaluation.Datasets.Runs;

/// <summary><c>eval --check-references</c>: how a judge of exact answers does on a file's own solutions.</summary>
internal static class ReferenceCheckReport
{
    /// <summary>Checks and prints.</summary>
    /// <returns>Failure where anything is misjudged.</returns>
    /// <exception cref="CliException">The suite has no exact answers.</exception>
    public static int Write(DatasetSuite suite, DatasetFile file, TextWriter output)
    {
        ReferenceCheck check;
        try
        {
            check = ProgressBars.While("checking the references", () => ReferenceCheck.Run(suite, file.Rows));
        }
        catch (ArgumentException error)
        {
            throw new CliException(error.Message, ExitCodes.Usage, error);
        }

        output.WriteLine($"{check.Right} of {check.Rows} reference solutions judged right");
        output.WriteLine(
            $"{check.Altered.Values.Sum(kind => kind.Wrong)} of {check.Altered.Values.Sum(kind => kind.Count)} altered ones judged wrong");
        foreach ((string kind, (int count, int wrong)) in check.Altered)
        {
            output.WriteLine($"  {kind}: {wrong} of {count}");
        }

        foreach (MisjudgedReference miss in check.Misjudged)
        {
            output.WriteLine(miss.Alteration is null
                ? $"{file.Path}:{miss.Row.Line}: judged wrong: {miss.Answer}"
                : $"{file.Path}:{miss.Row.Line}: judged right ({miss.Alteration}): {miss.Answer} instead of {miss.Row.Reference}");
        }

        return check.Misjudged.Count == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
}
