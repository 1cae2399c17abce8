using SeaGrpc.Clients.Tests.Support;

namespace SeaGrpc.Clients.Tests;

/// <summary>docs/contract.md.</summary>
public sealed class ContractPageTests
{
    [Fact]
    public async Task It_says_what_the_contract_says()
    {
        string page = await ContractPage.WriteAsync();
        if (Environment.GetEnvironmentVariable(ConformanceTests.WriteVariable) is not null)
        {
            await File.WriteAllTextAsync(ContractPage.File, page);
        }

        Assert.Equal(page, await File.ReadAllTextAsync(ContractPage.File));
    }
}
