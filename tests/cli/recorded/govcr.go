// Tells the story of record.py to the provider at the URL given, recorded by go-vcr.
package main

import (
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/dnaeon/go-vcr/recorder"
)

func main() {
	url, tape := os.Args[1], os.Args[2]
	vcr, err := recorder.New(tape)
	if err != nil {
		panic(err)
	}
	defer vcr.Stop()
	client := &http.Client{Transport: vcr}
	send := func(method, path, body string, fields ...string) {
		request, err := http.NewRequest(method, url+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		for i := 0; i < len(fields); i += 2 {
			request.Header.Set(fields[i], fields[i+1])
		}
		response, err := client.Do(request)
		if err != nil {
			panic(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	bytes := make([]byte, 256)
	for i := range bytes {
		bytes[i] = byte(i)
	}
	send("GET", "/v1/clusters?maxResults=2", "", "Authorization", "Bearer hunter2-hunter2")
	send("POST", "/echo", "{\"clusterName\": \"a\", \"text\": \"\\u00fc\\n  b\"}", "Content-Type", "application/json")
	send("POST", "/echo", string(bytes))
	send("GET", "/bytes", "")
	// Asked for by the program, so that Go leaves it packed.
	send("GET", "/packed", "", "Accept-Encoding", "gzip")
	send("GET", "/missing/x%20y", "")
	send("DELETE", "/v1/clusters/a", "")
}
