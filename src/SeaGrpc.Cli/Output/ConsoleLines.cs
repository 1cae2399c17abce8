using System.Globalization;
using System.Text;
using Spectre.Console;

namespace SeaGrpc.Cli.Output;

/// <summary>Writes whole lines to a console, which puts them above what it redraws. Thread-safe.</summary>
internal sealed class ConsoleLines(IAnsiConsole console) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_gate)
        {
            if (value == '\n')
            {
                console.WriteLine(_line.ToString());
                _line.Clear();
            }
            else if (value != '\r')
            {
                _line.Append(value);
            }
        }
    }
}
