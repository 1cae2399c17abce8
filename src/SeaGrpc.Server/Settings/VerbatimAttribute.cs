namespace SeaGrpc.Server.Settings;

/// <summary>The setting's text counts as it is, blanks at its ends and control characters included.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class VerbatimAttribute : Attribute;
