using Google.Protobuf.Reflection;
using SeaGrpc.Alignment.Parameters;

namespace SeaGrpc.Server.Contract;

/// <summary>Maps an enum of the contract to the values it represents, by name.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed class EnumMapping<T>
    where T : notnull
{
    private readonly EnumDescriptor _wire;
    private readonly Dictionary<int, T> _values;
    private readonly Dictionary<T, int> _numbers;

    /// <summary>Pairs the enum's names with the values.</summary>
    /// <param name="wire">The contract's enum. Its value 0 means "unspecified".</param>
    /// <param name="values">The values and their names.</param>
    /// <exception cref="InvalidOperationException">A name or value on either side has no counterpart.</exception>
    public EnumMapping(EnumDescriptor wire, IEnumerable<(string Name, T Value)> values)
    {
        _wire = wire;
        _numbers = values.ToDictionary(value => value.Value, value => Find(wire, value.Name).Number);
        _values = _numbers.ToDictionary(pair => pair.Value, pair => pair.Key);
        if (wire.Values.FirstOrDefault(value => value.Number != 0 && !_values.ContainsKey(value.Number)) is { } alone)
        {
            throw new InvalidOperationException(
                $"{alone.Name} of the contract has no counterpart among {string.Join(", ", _numbers.Keys)}.");
        }
    }

    /// <summary>Name of the contract's enum.</summary>
    public string Name => _wire.Name;

    /// <summary>The contract's names of the values, without the name of 0.</summary>
    public IEnumerable<string> Names => _wire.Values.Where(value => value.Number != 0).Select(value => value.Name);

    /// <summary>The value for a number of the contract; null if there is none.</summary>
    public T? Read(int number) => _values.GetValueOrDefault(number);

    /// <summary>A value as the contract's generated enum.</summary>
    public object Write(T value) => Enum.ToObject(_wire.ClrType, _numbers[value]);

    /// <summary>The contract's name of a value.</summary>
    public string NameOf(T value) => _wire.FindValueByNumber(_numbers[value]).Name;

    private static EnumValueDescriptor Find(EnumDescriptor wire, string value)
    {
        string name = ContractNames.EnumValue(wire.Name, value);
        return wire.FindValueByName(name) ?? throw new InvalidOperationException($"{wire.FullName} has no value {name}.");
    }
}
