using System.Security.Cryptography;
using System.Text;

namespace Flyball.Access.Identity;

/// <summary>The secret in a file, read again whenever the file changes. Thread-safe.</summary>
internal sealed class TokenFile(AccessToken token)
{
    private readonly Lock _gate = new();
    private DateTime _readAt;
    private byte[]? _hash;

    public AccessToken Token { get; } = token;

    /// <summary>Whether the presented secret is the one in the file; false while the file is missing or empty.</summary>
    public bool Accepts(ReadOnlySpan<byte> presentedHash)
    {
        var hash = Current();
        return hash is not null && CryptographicOperations.FixedTimeEquals(hash, presentedHash);
    }

    private byte[]? Current()
    {
        lock (_gate)
        {
            try
            {
                var changedAt = File.GetLastWriteTimeUtc(Token.File);
                if (changedAt != _readAt)
                {
                    var secret = File.ReadAllText(Token.File).Trim();
                    _hash = secret.Length == 0 ? null : SHA256.HashData(Encoding.UTF8.GetBytes(secret));
                    _readAt = changedAt;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A secret that cannot be read lets nobody in; an old one must not outlive its file.
                _hash = null;
                _readAt = default;
            }

            return _hash;
        }
    }
}
