using System.Globalization;

namespace SeaGrpc.FunctionalTests.Faults;

/// <summary>How long the tests of the tier <c>soak</c> go on: the tier alone has more rounds than the full run.</summary>
internal static class SoakRounds
{
    private const string Variable = "SEAGRPC_SOAK_ROUNDS";
    private const string Few = "2";

    public static int Count =>
        int.Parse(Environment.GetEnvironmentVariable(Variable) ?? Few, NumberStyles.None, CultureInfo.InvariantCulture);
}
