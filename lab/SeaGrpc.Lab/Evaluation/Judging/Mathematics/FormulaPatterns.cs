using System.Text.RegularExpressions;

namespace SeaGrpc.Lab.Evaluation.Judging.Mathematics;

/// <summary>The tokens of formulas, each matched where a cursor stands.</summary>
internal static partial class FormulaPatterns
{
    /// <summary>A whole number's fraction: \frac{4}{5}, \frac45, 4/5.</summary>
    [GeneratedRegex(
        @"\G(?:\\frac\s*(?:\{\s*(?<top>[0-9]+)\s*\}|(?<top>[0-9]))\s*(?:\{\s*(?<bottom>[0-9]+)\s*\}|(?<bottom>[0-9]))|(?<top>[0-9]+)\s*/\s*(?<bottom>[0-9]+))")]
    public static partial Regex MixedFraction();

    /// <summary>A plain exponent.</summary>
    [GeneratedRegex(@"\G-?[0-9]+(?![0-9.]*[./][0-9])")]
    public static partial Regex SignedDigits();

    /// <summary>A number, its repeating decimals and its base.</summary>
    [GeneratedRegex(
        @"\G(?<digits>[0-9]+\.?[0-9]*|\.[0-9]+)(?:(?<=\.[0-9]*)\\overline\s*\{(?<repeating>[0-9]+)\}|_\s*(?:\{\s*(?<base>[0-9]+)\s*\}|(?<base>[0-9]+)))?")]
    public static partial Regex Number();

    /// <summary>A command and its name.</summary>
    [GeneratedRegex(@"\G\\([a-zA-Z]+)")]
    public static partial Regex Command();

    /// <summary>A subscript.</summary>
    [GeneratedRegex(@"\G_\s*(?:\{\s*(?<name>[0-9A-Za-z_]+)\s*\}|(?<name>[0-9]+|[a-zA-Z]))")]
    public static partial Regex Subscript();

    /// <summary>A function or constant without a backslash.</summary>
    [GeneratedRegex(@"\G(?:sqrt|infinity|inf|pi|arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|exp)(?![a-zA-Z])")]
    public static partial Regex PlainWord();

    /// <summary>A function with its backslash.</summary>
    [GeneratedRegex(@"\G\\(?:arc)?(?:sin|cos|tan|cot|sec|csc|ln|log|exp)h?(?![a-zA-Z])")]
    public static partial Regex FunctionCommand();

    /// <summary>Names of commands that are variables.</summary>
    [GeneratedRegex(
        @"^(?:alpha|beta|gamma|delta|epsilon|theta|lambda|mu|nu|rho|sigma|tau|phi|varphi|psi|omega|xi|eta|zeta|kappa|chi|Delta|Omega|Gamma|Phi|Psi|Sigma|Theta|Lambda|ell)$")]
    public static partial Regex Greek();
}
