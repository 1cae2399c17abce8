using System.ComponentModel;
using System.Reflection;

namespace SeaGrpc.Server.Settings;

/// <summary>The settings that an options type accepts under one key of the configuration.</summary>
internal abstract record SettingShape
{
    /// <summary>Compares keys as the configuration does.</summary>
    public static StringComparer Keys => StringComparer.OrdinalIgnoreCase;

    /// <summary>The shape of an options type.</summary>
    public static SectionShape Of(Type options)
    {
        object? defaults = options.GetConstructor(Type.EmptyTypes)?.Invoke(null);
        return new SectionShape(options.GetProperties()
            .Where(property => property.SetMethod is { IsPublic: true })
            .ToDictionary(property => property.Name, property => Of(property, defaults), Keys));
    }

    /// <summary>Every key under a prefix that takes a value.</summary>
    /// <param name="place">The key of this shape.</param>
    public abstract IEnumerable<string> Leaves(string place);

    private static SettingShape Of(PropertyInfo property, object? defaults)
    {
        Type type = property.PropertyType;
        if (IsValue(type))
        {
            object? value = property.GetValue(defaults);
            return new ValueShape(property, type, value is not null, value is "");
        }

        return Element(type, typeof(IEnumerable<>)) is { } element
            ? Each(Element(type, typeof(IReadOnlyDictionary<,>)) ?? Element(type, typeof(IDictionary<,>)) ?? element, property)
            : Of(type);
    }

    private static EntriesShape Each(Type element, PropertyInfo property) =>
        new(IsValue(element) ? new ValueShape(property, element, NeedsValue: true, MayBeEmpty: false) : Of(element));

    private static bool IsValue(Type type) =>
        TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).CanConvertFrom(typeof(string));

    private static Type? Element(Type type, Type collection) => type.GetInterfaces().Prepend(type)
        .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == collection)?
        .GetGenericArguments()[^1];
}

/// <summary>A section: one shape for each name.</summary>
internal sealed record SectionShape(IReadOnlyDictionary<string, SettingShape> Members) : SettingShape
{
    public override IEnumerable<string> Leaves(string place) =>
        Members.SelectMany(member => member.Value.Leaves($"{place}:{member.Key}"));
}

/// <summary>A dictionary or list: entries of one shape, under the operator's own names or numbers.</summary>
internal sealed record EntriesShape(SettingShape Entry) : SettingShape
{
    /// <summary>Placeholder for the operator's own name in a key.</summary>
    public const string Name = "NAME";

    public override IEnumerable<string> Leaves(string place) => Entry.Leaves($"{place}:{Name}");
}

/// <summary>A single value.</summary>
/// <param name="Property">
/// The property it is bound to, or that of its collection. It determines the range and whether the value is secret.
/// </param>
/// <param name="Type">Its type.</param>
/// <param name="NeedsValue">Whether null is not a valid value.</param>
/// <param name="MayBeEmpty">Whether an empty text is meaningful.</param>
internal sealed record ValueShape(PropertyInfo Property, Type Type, bool NeedsValue, bool MayBeEmpty) : SettingShape
{
    public override IEnumerable<string> Leaves(string place) => [place];
}
