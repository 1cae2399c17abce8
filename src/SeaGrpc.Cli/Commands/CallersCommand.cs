using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using SeaGrpc.Cli.Output;
using SeaGrpc.Server.Options;

namespace SeaGrpc.Cli.Commands;

/// <summary><c>callers</c>: helps with the server's file of callers.</summary>
internal static class CallersCommand
{
    /// <summary>The command.</summary>
    public static Command Create() =>
        new("callers", "Helps with a server's file of callers (SeaGrpc:Security:CallersFile).") { Hash() };

    private static Command Hash()
    {
        var command = new Command("hash", "Print the hash of a token for that file. Reads the token from standard input, its first line.");
        command.SetAction(async (_, cancellation) =>
        {
            // Not an argument: those are seen by every user of the machine.
            string token = (await Console.In.ReadLineAsync(cancellation) ?? string.Empty).TrimEnd('\r');
            if (!AuthTokenAttribute.IsToken(token))
            {
                throw new CliException(
                    $"The first line of standard input is not a token: it must have {AuthTokenAttribute.Form}.", ExitCodes.Usage);
            }

            await using TextWriter output = StandardOutput.Open();
            await output.WriteLineAsync(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token))));
            return ExitCodes.Success;
        });
        return command;
    }
}
