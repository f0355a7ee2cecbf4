using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;

namespace Driftwood.Storage.S3;

/// <summary>What the errors of the service and of the way to it mean.</summary>
internal static class S3Faults
{
    public static bool IsNotFound(AmazonS3Exception error) =>
        error.StatusCode == HttpStatusCode.NotFound && error.ErrorCode is not "NoSuchBucket";

    public static bool IsReplaced(AmazonS3Exception error) => error.StatusCode == HttpStatusCode.PreconditionFailed;

    /// <summary>True for a broken connection, a time-out, an overload, and an answer that is no answer.</summary>
    public static bool IsPassing(Exception error) => error switch
    {
        AmazonServiceException service => service.StatusCode is 0 or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || (int)service.StatusCode >= 500,
        AmazonClientException or HttpRequestException or IOException or SocketException or TimeoutException => true,
        // The client's word for a time-out; the caller's own cancellation is told apart before.
        OperationCanceledException => true,
        _ => false,
    };

    public static bool IsOfService(Exception error) => error is AmazonServiceException || IsPassing(error);

    /// <summary>The error for whoever uses the store. Its message has no address and no secret.</summary>
    public static StorageUnavailableException ToUnavailable(Exception error) => error switch
    {
        AmazonServiceException { ErrorCode.Length: > 0 } service =>
            new StorageUnavailableException($"The bucket of the uploads cannot be used ({service.ErrorCode}).", service),
        _ => new StorageUnavailableException("The bucket of the uploads cannot be reached.", error),
    };
}
