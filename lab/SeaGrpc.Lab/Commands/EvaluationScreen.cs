using SeaGrpc.Cli;
using SeaGrpc.Cli.Output;
using SeaGrpc.Cli.Runs;
using SeaGrpc.Lab.Evaluation.Embedded;

namespace SeaGrpc.Lab.Commands;

/// <summary>Shows the progress of an evaluation, and then its text on standard output.</summary>
internal static class EvaluationScreen
{
    /// <summary>Runs the work and shows it.</summary>
    /// <param name="work">Returns the text. A first interrupt cancels it.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Show(Func<IProgress<EvaluationProgress>, CancellationToken, string> work)
    {
        using var interrupts = new Interrupts(() => { });
        interrupts.WorkStarts();
        try
        {
            string text;
            using (var bars = ProgressBars.Start())
            {
                text = work(
                    bars.Of<EvaluationProgress>(value => new WorkProgress($"{value.World}: {value.Stage}", value.Done, value.Total)),
                    interrupts.Requested);
            }

            Console.Out.Write(text);
            return ExitCodes.Success;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Interrupted: the finished answers are kept, and the same command resumes.");
            return ExitCodes.Interrupted;
        }
        catch (InvalidDataException error)
        {
            throw new CliException(error.Message, ExitCodes.Failure, error);
        }
    }
}
