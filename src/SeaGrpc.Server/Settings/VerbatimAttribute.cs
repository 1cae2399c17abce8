namespace SeaGrpc.Server.Settings;

/// <summary>The setting's text is taken literally, including surrounding blanks and control characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VerbatimAttribute : Attribute;
