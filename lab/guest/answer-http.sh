#!/bin/sh
# Answers one HTTP request: / the host name, /facts what the guest sees of its hardware, /dirty/MIB writes its memory over
# and over (see dirty.sh), else a file below /www or /data.
read -r _ path _
while read -r header && [ "$header" != "$(printf '\r')" ]; do :; done
reply() { printf 'HTTP/1.0 %s\r\nContent-Type: %s\r\nConnection: close\r\n\r\n' "$1" "$2"; }
path=${path%%\?*}
case $path in
  /) reply "200 OK" text/plain; hostname ;;
  /facts) reply "200 OK" application/json; facts ;;
  /dirty/*) dirty "${path#/dirty/}"; reply "200 OK" text/plain ;;
  *..*) reply "400 Bad Request" text/plain ;;
  *)
    file=/www$path
    case $path in /data/*) file=$path ;; esac
    if [ -f "$file" ]; then reply "200 OK" text/plain; cat "$file"; else reply "404 Not Found" text/plain; fi
    ;;
esac
