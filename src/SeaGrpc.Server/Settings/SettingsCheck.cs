namespace SeaGrpc.Server.Settings;

/// <summary>
/// Checks the whole configuration against the options before anything starts. Every key must be known, and every value must have the right
/// type and range. An unknown key would otherwise be ignored silently.
/// </summary>
internal sealed class SettingsCheck
{
    private readonly IConfiguration _configuration;
    private readonly List<SettingViolation> _violations = [];
    private readonly Dictionary<string, string?> _good = new(SettingShape.Keys);

    private SettingsCheck(IConfiguration configuration) => _configuration = configuration;

    /// <summary>Runs the check.</summary>
    /// <param name="configuration">The configuration from all sources.</param>
    /// <param name="before">Violations found earlier.</param>
    /// <exception cref="SettingsException">There are violations.</exception>
    public static void Run(IConfiguration configuration, IEnumerable<SettingViolation> before)
    {
        var check = new SettingsCheck(configuration);
        check._violations.AddRange(before);
        check._violations.AddRange(MisspeltRoots.Find(configuration));
        check.Section(configuration.GetSection(SettingsSection.Root), SettingsSection.Root, SettingsSection.Shape);
        check.Section(configuration.GetSection(SettingsSection.Logging.Key), SettingsSection.Logging.Key, SettingsSection.Logging.Options);

        // Values that could not be bound are already reported, and are left out here.
        IConfiguration rest = new ConfigurationBuilder().AddInMemoryCollection(check._good).Build();
        foreach (SettingViolation violation in SettingsSection.All.Append(SettingsSection.Logging)
            .SelectMany(section => section.Validate(rest)).Concat(TlsUse.Find(rest)))
        {
            if (check._violations.TrueForAll(found => !SettingShape.Keys.Equals(found.Key, violation.Key)))
            {
                check.Add(violation.Key, violation.Problem);
            }
        }

        if (check._violations.Count > 0)
        {
            throw new SettingsException(check._violations);
        }
    }

    private void Check(IConfigurationSection at, string key, SettingShape shape)
    {
        switch (shape)
        {
            case ValueShape value:
                Value(at, key, value);
                break;
            case SectionShape section:
                Section(at, key, section);
                break;
            case EntriesShape entries:
                if (IsSection(at, key, entries))
                {
                    foreach (IConfigurationSection entry in at.GetChildren())
                    {
                        Entry(entry, $"{key}:{entry.Key}", entries.Entry);
                    }
                }

                break;
        }
    }

    private void Entry(IConfigurationSection at, string key, SettingShape shape)
    {
        if (shape is SectionShape { Members: var members } && at.Value is null && !at.GetChildren().Any())
        {
            Add(key, $"it is empty: set {key}:{members.Keys.First()}.", at.Path);
        }
        else
        {
            Check(at, key, shape);
        }
    }

    private void Section(IConfigurationSection at, string key, SectionShape shape)
    {
        if (!IsSection(at, key, shape))
        {
            return;
        }

        foreach (IConfigurationSection child in at.GetChildren())
        {
            if (shape.Members.TryGetValue(child.Key, out SettingShape? known))
            {
                Check(child, $"{key}:{shape.Members.Keys.First(name => SettingShape.Keys.Equals(name, child.Key))}", known);
            }
            else
            {
                Unknown(child, $"{key}:{child.Key}");
            }
        }
    }

    private void Value(IConfigurationSection at, string key, ValueShape shape)
    {
        if (at.GetChildren().Any())
        {
            foreach (IConfigurationSection child in at.GetChildren())
            {
                Add($"{key}:{child.Key}", $"{key} takes a single value and no settings below it: write {key}=VALUE.", child.Path);
            }
        }
        else if (SettingValue.Problem(shape, at.Value) is { } problem)
        {
            Add(key, problem, at.Path);
        }
        else
        {
            _good[key] = at.Value;
        }
    }

    private bool IsSection(IConfigurationSection at, string key, SettingShape shape)
    {
        bool isEmptyList = shape is EntriesShape && at.Value is "" && !at.GetChildren().Any();
        if (at.Value is not null && !isEmptyList)
        {
            string shown = at.Value.Length == 0 ? "is empty, but" : "has a value of its own, but";
            Add(key, $"it {shown} only settings below it take values: {string.Join(", ", shape.Leaves(key).Take(3))} and so on.", at.Path);
            return false;
        }

        return true;
    }

    /// <summary>Reports a key that is not an option, or all keys under it.</summary>
    private void Unknown(IConfigurationSection at, string key)
    {
        IConfigurationSection[] children = [.. at.GetChildren()];
        foreach (IConfigurationSection child in children)
        {
            Unknown(child, $"{key}:{child.Key}");
        }

        if (children.Length == 0 || at.Value is not null)
        {
            Add(key, $"there is no such setting; did you mean {NearestKey.Of(key, Known(key))}?", at.Path);
        }
    }

    private static IEnumerable<string> Known(string key) => key.StartsWith(SettingsSection.Logging.Key, StringComparison.OrdinalIgnoreCase)
        ? SettingsSection.Logging.Options.Leaves(SettingsSection.Logging.Key)
        : SettingsSection.Keys;

    private void Add(string key, string problem, string? path = null) =>
        _violations.Add(new SettingViolation(key, problem, SettingSource.Of(_configuration, path ?? key)));
}
