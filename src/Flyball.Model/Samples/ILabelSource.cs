namespace Flyball.Model.Samples;

/// <summary>Gives the labels of a series of a batch when somebody asks: for series the store knows by their handle nobody does.</summary>
public interface ILabelSource
{
    /// <summary>The canonical label bytes (<see cref="Labels.LabelSet.Encoded"/>) of a series.</summary>
    /// <param name="token">What the series was entered with.</param>
    /// <returns>Bytes that live until the next question.</returns>
    ReadOnlySpan<byte> EncodedLabels(int token);
}
