using System.Globalization;
using System.Reflection;
using System.Text;

namespace SeaGrpc.Alignment.Parameters;

/// <summary>Reads changed parameters in brackets after a method's name: <c>sea[reward-weight=8,chains=2]</c>.</summary>
/// <remarks>A key is a property of the method's parameter record in kebab case; a value is a number, true or false, or an enum's name in kebab case.</remarks>
public static class ParameterOverrides
{
    /// <summary>Takes a name apart.</summary>
    /// <returns>The name before the bracket and what stands in it, or null where the text has no bracket.</returns>
    /// <exception cref="ArgumentException">The brackets do not close at the end.</exception>
    public static (string Method, string Assignments)? Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int open = text.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
        {
            return null;
        }

        return text.EndsWith(']')
            ? (text[..open], text[(open + 1)..^1])
            : throw new ArgumentException($"{text} has no closing bracket: write name[key=value,key=value].");
    }

    /// <summary>Adds changed parameters to a name, which may have some already; the later one of a key counts.</summary>
    public static string Join(string method, string assignments)
    {
        (string name, string own) = Split(method) ?? (method, "");
        string all = string.Join(',', new[] { own, assignments }.Where(part => part.Length > 0));
        return all.Length == 0 ? name : $"{name}[{all}]";
    }

    /// <summary>The parameters with what is assigned.</summary>
    /// <param name="parameters">Where to start from; not modified.</param>
    /// <param name="assignments">key=value pairs with commas between them; may be empty.</param>
    /// <exception cref="ArgumentException">A key is not known (the message lists those that are), or a value does not fit.</exception>
    public static MethodParameters Apply(MethodParameters parameters, string assignments)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(assignments);
        MethodParameters copy = parameters with { };
        Dictionary<string, PropertyInfo> properties = Properties(parameters.GetType());
        foreach (string assignment in assignments.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = assignment.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || !properties.TryGetValue(parts[0], out PropertyInfo? property))
            {
                throw new ArgumentException($"{assignment} sets no parameter of this method: write key=value with one of {string.Join(", ", properties.Keys.Order())}.");
            }

            property.SetValue(copy, Value(property, parts[0], parts[1]));
        }

        return copy;
    }

    /// <summary>The keys of a method's parameters.</summary>
    public static IEnumerable<string> Keys(MethodParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Properties(parameters.GetType()).Keys.Order();
    }

    private static Dictionary<string, PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && IsReadable(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
            .ToDictionary(property => Kebab(property.Name));

    private static bool IsReadable(Type type) => type == typeof(int) || type == typeof(double) || type == typeof(bool) || type.IsEnum;

    private static object Value(PropertyInfo property, string key, string text)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= 0
                ? number
                : throw Misfit("a whole number, 0 or more");
        }

        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? number
                : throw Misfit("a finite number");
        }

        if (type == typeof(bool))
        {
            return bool.TryParse(text, out bool truth) ? truth : throw Misfit("true or false");
        }

        string[] names = [.. Enum.GetNames(type).Select(Kebab)];
        int index = Array.IndexOf(names, text);
        return index >= 0 ? Enum.Parse(type, Enum.GetNames(type)[index]) : throw Misfit($"one of {string.Join(", ", names)}");

        ArgumentException Misfit(string expected) => new($"{key} is {expected}, not {text}.");
    }

    private static string Kebab(string name)
    {
        var kebab = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.ToLowerInvariant(letter));
        }

        return kebab.ToString();
    }
}
