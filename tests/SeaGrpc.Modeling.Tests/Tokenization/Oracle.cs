using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace SeaGrpc.Modeling.Tests.Tokenization;

/// <summary>tests/tools/oracle.mjs as a process: Hugging Face's own tokenizers and templates, in JavaScript.</summary>
internal static class Oracle
{
    private static readonly string Tools = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourcePath())!, "..", "..", "tools"));

    /// <summary>The folder of a package's tokenizer files.</summary>
    internal static string ModelFolder(string package)
    {
        var folder = Path.Combine(Tools, "node_modules", package, "models");
        Assert.True(Directory.Exists(folder), $"{folder} is missing; run: npm install --prefix tests/tools");
        return folder;
    }

    internal static async Task<JsonElement> AskAsync(object request)
    {
        Assert.True(
            Directory.Exists(Path.Combine(Tools, "node_modules", "@huggingface", "jinja")),
            "The reference is missing; run: npm install --prefix tests/tools");
        var utf8 = new UTF8Encoding(false);
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(Tools, "oracle.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(request));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        using var document = JsonDocument.Parse(await output);
        return document.RootElement.Clone();
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
