using System.Text.Json;

namespace Flyball.Ingest.Otlp.Json;

/// <summary>Walks the members of an object: the reader stands on a member's name after each step.</summary>
/// <remarks>A reader that was never assigned and a <c>null</c> are walked as an object without members: absent means default.</remarks>
internal readonly struct JsonWalk
{
    private readonly bool _empty;

    /// <summary>Begins at the object the reader stands on.</summary>
    /// <exception cref="OtlpDecodeException">It is something else.</exception>
    public JsonWalk(scoped ref Utf8JsonReader reader)
    {
        _empty = reader.TokenType is JsonTokenType.None or JsonTokenType.Null;
        if (!_empty && reader.TokenType != JsonTokenType.StartObject)
        {
            throw new OtlpDecodeException($"an object is expected at byte {reader.TokenStartIndex}");
        }
    }

    /// <summary>Goes to the next member's name; false at the end of the object. The step before must have consumed its value.</summary>
    public bool NextMember(scoped ref Utf8JsonReader reader) => !_empty && reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Keeps the place of the member's value for later and passes over it.</summary>
    public static Utf8JsonReader Remember(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var place = reader;
        reader.Skip();
        return place;
    }
}

/// <summary>Walks the elements of an array: the reader stands on an element after each step.</summary>
internal readonly struct JsonList
{
    private readonly bool _empty;

    /// <summary>Begins at the array the reader stands on.</summary>
    /// <exception cref="OtlpDecodeException">It is something else.</exception>
    public JsonList(scoped ref Utf8JsonReader reader)
    {
        _empty = reader.TokenType is JsonTokenType.None or JsonTokenType.Null;
        if (!_empty && reader.TokenType != JsonTokenType.StartArray)
        {
            throw new OtlpDecodeException($"an array is expected at byte {reader.TokenStartIndex}");
        }
    }

    /// <summary>Goes to the next element; false at the end of the array. The step before must have consumed its element.</summary>
    public bool Next(scoped ref Utf8JsonReader reader) => !_empty && reader.Read() && reader.TokenType != JsonTokenType.EndArray;
}
